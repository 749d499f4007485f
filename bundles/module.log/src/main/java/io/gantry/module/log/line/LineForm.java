package io.gantry.module.log.line;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.log.LogLine;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/**
 * How a line stands in a file: {@code <level> yyyy-MM-dd HH:mm:ss.fff zzz text}, as the tools for
 * IoT Edge expect it. What follows the first line of a text is set off by a tab, so that nothing in
 * a text can be taken for the beginning of another one.
 */
public final class LineForm {

  /** Begins a line that goes on with the text of the one before. */
  private static final String MORE = "\t";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS xxx", Locale.ROOT);

  private static final int TIME_BEGIN = "<6> ".length();
  private static final int TIME_END = TIME_BEGIN + "2026-01-01 00:00:00.000 +00:00".length();

  private LineForm() {}

  /** The line with its end. */
  public static byte[] encode(LogLine line) {
    String text =
        "<"
            + line.level()
            + "> "
            + TIME.format(line.time().atOffset(ZoneOffset.UTC))
            + " "
            + line.text().replace("\n", "\n" + MORE)
            + "\n";
    return text.getBytes(UTF_8);
  }

  /** What a line of a file begins; empty for one that begins nothing. */
  public static Optional<LogLine> begin(String line) {
    if (line.length() <= TIME_END
        || line.charAt(0) != '<'
        || line.charAt(2) != '>'
        || line.charAt(1) < '0'
        || line.charAt(1) > '7'
        || line.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    try {
      Instant time = OffsetDateTime.parse(line.substring(TIME_BEGIN, TIME_END), TIME).toInstant();
      return Optional.of(new LogLine(time, line.charAt(1) - '0', line.substring(TIME_END + 1)));
    } catch (DateTimeParseException damaged) {
      return Optional.empty();
    }
  }

  /** What a line of a file adds to the text before it; empty for one that adds nothing. */
  public static Optional<String> more(String line) {
    return line.startsWith(MORE) && line.indexOf('\0') < 0
        ? Optional.of(line.substring(MORE.length()))
        : Optional.empty();
  }
}
