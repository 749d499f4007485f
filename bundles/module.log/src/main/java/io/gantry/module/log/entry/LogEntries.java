package io.gantry.module.log.entry;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.intake.Source;
import io.gantry.module.log.line.LogText;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.ModuleLogs;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;

/**
 * Is called by the log service on the thread that logs, so it only makes a line of the entry. That
 * includes the stack trace: the methods of an exception are the module's, and shall hold up the
 * module if they hang.
 */
public final class LogEntries implements LogListener {

  /** More bundles than run at a time; ids are never used again. */
  private static final int MOST_KNOWN = 4096;

  private final Book book;
  private final Speaker nobody;
  private final Map<Long, Speaker> known = new ConcurrentHashMap<>();

  /**
   * A bundle that logs.
   *
   * @param ofModules whether it may speak of a module that is another bundle
   */
  private record Speaker(Source source, boolean ofModules) {}

  public LogEntries(Book book) {
    this.book = book;
    this.nobody = new Speaker(book.source(ModuleLogs.AGENT), false);
  }

  /** Never throws: the log service would not call again. */
  @Override
  public void logged(LogEntry entry) {
    try {
      Instant time = Instant.ofEpochMilli(entry.getTime());
      Speaker speaker = speaker(entry.getBundle());
      String message = String.valueOf(entry.getMessage());
      LogLine line = new LogLine(time, level(entry), text(entry, message));
      book.add(speaker.source, line);
      if (speaker.ofModules) {
        About.module(message).ifPresent(module -> book.add(book.source(module), line));
      }
    } catch (RuntimeException | Error failure) {
      Instant time = Instant.ofEpochMilli(entry.getTime());
      book.add(nobody.source, new LogLine(time, 3, unreadable(failure)));
    }
  }

  private static String unreadable(Throwable failure) {
    return "gantry: a log entry could not be read: " + failure.getClass().getName();
  }

  private Speaker speaker(@Nullable Bundle bundle) {
    if (bundle == null) {
      return nobody;
    }
    Speaker speaker = known.get(bundle.getBundleId());
    if (speaker == null) {
      String name = String.valueOf(bundle.getSymbolicName());
      String log = LogName.of(String.valueOf(bundle.getLocation()), name);
      speaker = new Speaker(book.source(log), LogName.isRuntime(log) && About.isSpeaker(name));
      if (known.size() >= MOST_KNOWN) {
        known.clear();
      }
      known.put(bundle.getBundleId(), speaker);
    }
    return speaker;
  }

  /** Severities of RFC 5424, 6.2.1. */
  private static int level(LogEntry entry) {
    LogLevel level = entry.getLogLevel();
    return switch (level) {
      case AUDIT -> 5;
      case ERROR -> 3;
      case WARN -> 4;
      case INFO -> 6;
      case DEBUG, TRACE -> 7;
    };
  }

  private static String text(LogEntry entry, String message) {
    String logger = entry.getLoggerName();
    String said =
        logger == null ? message : logger.substring(logger.lastIndexOf('.') + 1) + ": " + message;
    Throwable exception = entry.getException();
    return LogText.clean(exception == null ? said : said + "\n" + Stack.of(exception));
  }
}
