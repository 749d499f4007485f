package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.gantry.spi.log.LogLine;
import java.time.ZoneId;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a module has logged, a line for each entry; in text a stack trace follows indented. */
public final class LogLines {

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
  private static final String INDENT = "    ";

  private LogLines() {}

  /**
   * Time, level, text. Lines after the first are indented, so that none of them can be taken for an
   * entry of its own.
   */
  public static String text(LogLine line, ZoneId zone) {
    String text =
        line.text()
            .lines()
            .map(part -> PlainText.escaped(part.replace("\t", INDENT)))
            .collect(Collectors.joining("\n" + INDENT));
    return String.format(
        "%s %-5s %s", Times.millis(line.time(), zone), Level.of(line.level()), text);
  }

  /** One JSON object without a line break: {@code time}, {@code level}, {@code text}. */
  public static String json(LogLine line) {
    JsonObject json = new JsonObject();
    json.addProperty("time", line.time().toString());
    json.addProperty("level", level(line.level()));
    json.addProperty("text", line.text());
    return GSON.toJson(json);
  }

  /** That lines had to be left out, in text. */
  public static String leftOutText(long count) {
    return "(" + count + " lines were left out: they came faster than they were read)";
  }

  /** The same in JSON. */
  public static String leftOutJson(long count) {
    JsonObject json = new JsonObject();
    json.addProperty("leftOut", count);
    return GSON.toJson(json);
  }

  private static String level(int severity) {
    return Level.of(severity).name().toLowerCase(Locale.ROOT);
  }

  /** The levels that a person asks for, the most severe first. */
  public enum Level {
    /** Somebody must act. */
    ERROR(3),
    /** A promise is at risk. */
    WARN(4),
    /** What happens. */
    INFO(6),
    /** Everything. */
    DEBUG(7);

    private final int severity;

    Level(int severity) {
      this.severity = severity;
    }

    /** Whether a line of a severity, as syslog numbers it, is of this level or more severe. */
    public boolean includes(int other) {
      return other <= severity || this == DEBUG;
    }

    static Level of(int severity) {
      for (Level level : values()) {
        if (level.includes(severity)) {
          return level;
        }
      }
      return DEBUG;
    }
  }
}
