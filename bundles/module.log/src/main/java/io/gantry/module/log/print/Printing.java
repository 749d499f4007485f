package io.gantry.module.log.print;

import io.gantry.module.log.book.Book;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.InstantSource;

/**
 * Hears what is printed on the streams of the process, which get it all the same. A module may keep
 * the stream that it has found: when we have gone, it goes on passing on.
 */
public final class Printing implements AutoCloseable {

  /** Severities of RFC 5424, 6.2.1, of what is printed to standard output and standard error. */
  private static final int INFORMATION = 6;

  private static final int WARNING = 4;

  private final PrintStream formerOut = System.out;
  private final PrintStream formerErr = System.err;
  private final Tap out;
  private final Tap err;
  private final PrintStream ourOut;
  private final PrintStream ourErr;

  /** Hears from now on. */
  public Printing(Book book, InstantSource clock) {
    Charset ofOut = charset("stdout.encoding");
    Charset ofErr = charset("stderr.encoding");
    out = new Tap(formerOut, ofOut, INFORMATION, book, clock);
    err = new Tap(formerErr, ofErr, WARNING, book, clock);
    ourOut = new PrintStream(out, true, ofOut);
    ourErr = new PrintStream(err, true, ofErr);
    System.setOut(ourOut);
    System.setErr(ourErr);
  }

  /** The one of the stream that the JVM has made; before Java 19 it says so only on a terminal. */
  private static Charset charset(String property) {
    String name = System.getProperty(property, System.getProperty("sun." + property));
    return name != null && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }

  /** Hears no more; what somebody else has put in our place stays there. */
  @Override
  public void close() {
    if (System.out == ourOut) {
      System.setOut(formerOut);
    }
    if (System.err == ourErr) {
      System.setErr(formerErr);
    }
    out.end();
    err.end();
    ourOut.flush();
    ourErr.flush();
  }
}
