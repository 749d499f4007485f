package io.gantry.console.management;

import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.spi.log.ModuleLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Lines of a log on their way to one follower. What is there already goes straight through; what
 * comes waits in a bounded queue, because who logs must not wait for who reads. What does not fit
 * is counted, and the reader told.
 */
final class LogStream {

  private static final int LONGEST_QUEUE = 10_000;

  private final Followers.Follower follower;
  private final Function<LogLine, String> format;
  private final Function<Long, String> leftOut;
  private final Thread reader = Thread.currentThread();
  private final BlockingQueue<LogLine> queue = new LinkedBlockingQueue<>(LONGEST_QUEUE);
  private final AtomicLong lost = new AtomicLong();

  LogStream(
      Followers.Follower follower,
      Function<LogLine, String> format,
      Function<Long, String> leftOut) {
    this.follower = follower;
    this.format = format;
    this.leftOut = leftOut;
  }

  /**
   * Sends until the reader goes.
   *
   * @param there whether the logs are still those of the gateway
   */
  void follow(ModuleLogs logs, String module, LogQuery query, Predicate<ModuleLogs> there)
      throws IOException, InterruptedException {
    AutoCloseable registration = begin(logs, module, query);
    try {
      while (follower.open() && there.test(logs)) {
        drain();
        follower.await();
      }
      drain();
    } finally {
      end(registration);
    }
  }

  private AutoCloseable begin(ModuleLogs logs, String module, LogQuery query) throws IOException {
    try {
      return logs.follow(module, query, this::take);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void take(LogLine line) {
    if (Thread.currentThread() == reader) {
      try {
        follower.line(format.apply(line));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return;
    }
    if (!queue.offer(line)) {
      lost.incrementAndGet();
    }
    follower.wake();
  }

  private void drain() throws IOException {
    for (LogLine line = queue.poll(); line != null; line = queue.poll()) {
      follower.line(format.apply(line));
    }
    long count = lost.getAndSet(0);
    if (count > 0) {
      follower.line(leftOut.apply(count));
    }
  }

  private static void end(AutoCloseable registration) throws IOException {
    try {
      registration.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the log did not take its follower back", e);
    }
  }
}
