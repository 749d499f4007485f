package io.gantry.module.log.entry;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.intake.Source;
import io.gantry.module.log.line.LogText;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.ModuleLogs;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

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
   * @param shared whether it speaks for whoever has called it
   */
  private record Speaker(Source source, boolean ofModules, boolean shared) {}

  /** The entries up to this one may come twice: they were there when we came. */
  private volatile long lastOfBefore = Long.MAX_VALUE;

  private final Set<Long> taken = ConcurrentHashMap.newKeySet();
  private final Instant newest;

  /**
   * @param newest nothing that was logged up to this moment is taken: it was by a former instance
   */
  public LogEntries(Book book, Instant newest) {
    this.book = book;
    this.newest = newest;
    this.nobody = new Speaker(book.source(ModuleLogs.AGENT), false, false);
  }

  /** Takes what was logged lately, before anybody could listen, and listens from now on. */
  public void listenTo(LogReaderService reader) {
    lastOfBefore = Long.MAX_VALUE;
    // Another service counts from the beginning.
    taken.clear();
    reader.addLogListener(this);
    List<LogEntry> before = Collections.list(reader.getLog());
    Collections.reverse(before);
    long last = Long.MIN_VALUE;
    for (LogEntry entry : before) {
      last = Math.max(last, entry.getSequence());
      if (Instant.ofEpochMilli(entry.getTime()).isAfter(newest)) {
        logged(entry);
      }
    }
    lastOfBefore = last;
  }

  /** Never throws: the log service would not call again. */
  @Override
  public void logged(LogEntry entry) {
    try {
      if (entry.getSequence() <= lastOfBefore && !taken.add(entry.getSequence())) {
        return;
      }
      Instant time = Instant.ofEpochMilli(entry.getTime());
      Speaker speaker = speaker(entry.getBundle());
      String message = String.valueOf(entry.getMessage());
      LogLine line = new LogLine(time, level(entry), text(entry, message));
      Source source = speaker.shared ? book.source(Caller.log(entry.getBundle())) : speaker.source;
      book.add(source, line);
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
      String log = LogName.of(bundle);
      boolean ofModules = LogName.isRuntime(log) && About.isSpeaker(name);
      speaker = new Speaker(book.source(log), ofModules, LogName.isShared(bundle));
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
