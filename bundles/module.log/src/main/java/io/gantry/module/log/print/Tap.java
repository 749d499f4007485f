package io.gantry.module.log.print;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.entry.Caller;
import io.gantry.module.log.entry.LogName;
import io.gantry.module.log.line.LogText;
import io.gantry.spi.log.LogLine;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;

/**
 * Passes on what is printed, and makes lines of it for the log of whoever has printed it. What the
 * runtime prints is no such line: it is for whoever reads the stream, and stands in the log already
 * if it belongs there. The lock of the stream in front of it is its own; {@link #end} any thread.
 */
final class Tap extends OutputStream {

  private static final int MARK = "<4>".length();

  private final PrintStream stream;
  private final Charset charset;
  private final int level;
  private final Book book;
  private final InstantSource clock;

  /** What has no line feed yet, by log: the pieces of two modules do not make one line. */
  private final Map<String, ByteArrayOutputStream> begun = new HashMap<>();

  private volatile boolean ended;

  /**
   * @param level of what does not say it itself
   */
  Tap(PrintStream stream, Charset charset, int level, Book book, InstantSource clock) {
    this.stream = stream;
    this.charset = charset;
    this.level = level;
    this.book = book;
    this.clock = clock;
  }

  @Override
  public void write(int single) {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    stream.write(bytes, offset, length);
    if (ended) {
      return;
    }
    Optional<Bundle> caller = Caller.ofUs();
    if (caller.filter(LogName::isOfRuntime).isEmpty()) {
      take(Caller.log(caller.orElse(null)), bytes, offset, offset + length);
    }
  }

  private void take(String log, byte[] bytes, int start, int end) {
    int from = start;
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n') {
        add(log, bytes, from, i);
        finish(log, begun.remove(log));
        from = i + 1;
      }
    }
    if (from < end) {
      add(log, bytes, from, end);
    }
  }

  /** A line that does not end is written in pieces. */
  private void add(String log, byte[] bytes, int start, int end) {
    ByteArrayOutputStream line = begun.computeIfAbsent(log, name -> new ByteArrayOutputStream());
    for (int from = start; from < end; ) {
      int piece = Math.min(end - from, LogText.MOST_BYTES - line.size());
      line.write(bytes, from, piece);
      from += piece;
      if (line.size() == LogText.MOST_BYTES) {
        finish(log, line);
        line.reset();
      }
    }
  }

  private void finish(String log, ByteArrayOutputStream line) {
    String text = line.toString(charset);
    boolean saysLevel = saysLevel(text);
    String said = LogText.clean(saysLevel ? text.substring(MARK).stripLeading() : text);
    if (!said.isBlank()) {
      int severity = saysLevel ? text.charAt(1) - '0' : level;
      book.add(book.source(log), new LogLine(clock.instant(), severity, said));
    }
  }

  /** As a module of IoT Edge says it: {@code <4> text}. */
  private static boolean saysLevel(String text) {
    return text.length() > MARK
        && text.charAt(0) == '<'
        && text.charAt(1) >= '0'
        && text.charAt(1) <= '7'
        && text.charAt(2) == '>';
  }

  /** Comes with each line, and last after the end. */
  @Override
  public void flush() {
    stream.flush();
    if (ended) {
      begun.forEach(this::finish);
      begun.clear();
    }
  }

  /** Only passes on from now on; a flush of the stream in front follows. */
  void end() {
    ended = true;
  }
}
