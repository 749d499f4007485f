package io.gantry.module.log.ring;

import io.gantry.module.log.line.LineForm;
import io.gantry.spi.log.LogLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of a ring, as far as it is written.
 *
 * @param folder where it stands
 * @param number counts up
 * @param before the latest time of a line in any file before this one, in milliseconds; the name
 *     says it, so that who wants nothing older need not open those
 * @param length how much of it counts
 */
record Segment(Path folder, long number, long before, long length) {

  private static final Pattern NAME = Pattern.compile("(\\d{10,18})-(\\d{1,18})\\.log");

  /** The segment that a file is; empty when it is something else. */
  static Optional<Segment> of(Path file) throws IOException {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    Path folder = file.getParent();
    return name.matches() && folder != null
        ? Optional.of(
            new Segment(
                folder,
                Long.parseLong(name.group(1)),
                Long.parseLong(name.group(2)),
                Files.size(file)))
        : Optional.empty();
  }

  Path file() {
    return folder.resolve(String.format(Locale.ROOT, "%010d-%d.log", number, before));
  }

  Segment withLength(long written) {
    return new Segment(folder, number, before, written);
  }

  /** Reads all lines; what a power cut has left of others is passed over. */
  void read(Consumer<LogLine> lines) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new Head(Files.newInputStream(file()), length), StandardCharsets.UTF_8))) {
      LogLine first = null;
      StringBuilder text = new StringBuilder();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Optional<LogLine> begun = LineForm.begin(line);
        if (begun.isPresent()) {
          give(first, text, lines);
          first = begun.get();
          text.setLength(0);
          text.append(first.text());
        } else {
          LineForm.more(line).ifPresent(more -> text.append('\n').append(more));
        }
      }
      give(first, text, lines);
    }
  }

  private static void give(@Nullable LogLine first, StringBuilder text, Consumer<LogLine> lines) {
    if (first != null) {
      lines.accept(new LogLine(first.time(), first.level(), text.toString()));
    }
  }

  /** So many bytes of a file that may have more. */
  private static final class Head extends InputStream {

    private final InputStream file;
    private long left;

    Head(InputStream file, long length) {
      this.file = file;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = file.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
