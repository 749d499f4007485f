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
  private final Source agent;
  private final Map<Long, Source> known = new ConcurrentHashMap<>();

  public LogEntries(Book book) {
    this.book = book;
    this.agent = book.source(ModuleLogs.AGENT);
  }

  /** Never throws: the log service would not call again. */
  @Override
  public void logged(LogEntry entry) {
    try {
      Instant time = Instant.ofEpochMilli(entry.getTime());
      book.add(source(entry.getBundle()), new LogLine(time, level(entry), text(entry)));
    } catch (RuntimeException | Error failure) {
      book.add(agent, new LogLine(Instant.ofEpochMilli(entry.getTime()), 3, unreadable(failure)));
    }
  }

  private static String unreadable(Throwable failure) {
    return "gantry: a log entry could not be read: " + failure.getClass().getName();
  }

  private Source source(@Nullable Bundle bundle) {
    if (bundle == null) {
      return agent;
    }
    Source source = known.get(bundle.getBundleId());
    if (source == null) {
      source =
          book.source(
              LogName.of(
                  String.valueOf(bundle.getLocation()), String.valueOf(bundle.getSymbolicName())));
      if (known.size() >= MOST_KNOWN) {
        known.clear();
      }
      known.put(bundle.getBundleId(), source);
    }
    return source;
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

  private static String text(LogEntry entry) {
    String logger = entry.getLoggerName();
    String message = String.valueOf(entry.getMessage());
    if (logger != null) {
      message = logger.substring(logger.lastIndexOf('.') + 1) + ": " + message;
    }
    Throwable exception = entry.getException();
    return LogText.clean(exception == null ? message : message + "\n" + Stack.of(exception));
  }
}
