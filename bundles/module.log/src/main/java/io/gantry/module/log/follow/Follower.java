package io.gantry.module.log.follow;

import io.gantry.module.log.line.Wanted;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody who reads on. Lines wait here for an executor of its own, so that whoever writes the log
 * waits for nobody; a reader that lets too many of them wait is told so and left behind.
 */
public final class Follower {

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  /** Bound of the characters that wait. */
  private static final long MOST = 1L << 20;

  private static final long OVERHEAD = 100;

  private static final String TOO_SLOW =
      "gantry: following ends here, the lines came faster than they were taken";

  private record Numbered(long number, LogLine line) {

    long weight() {
      return line.text().length() + OVERHEAD;
    }
  }

  private final SerialExecutor executor;
  private final LogQuery query;
  private final Consumer<LogLine> lines;
  private final Runnable end;
  private final Queue<Numbered> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong weight = new AtomicLong();
  private final AtomicBoolean announced = new AtomicBoolean(true);
  private volatile boolean tooSlow;
  private volatile boolean closed;

  // Owned by the executor.
  private long last;
  private Instant latest = Instant.EPOCH;

  /**
   * @param executor becomes ours
   * @param end is run when nothing comes any more
   */
  public Follower(SerialExecutor executor, LogQuery query, Consumer<LogLine> lines, Runnable end) {
    this.executor = executor;
    this.query = query;
    this.lines = lines;
    this.end = end;
  }

  /** A line was written. One thread at a time; does not block. */
  public void offer(long number, LogLine line) {
    if (tooSlow || closed) {
      return;
    }
    Numbered next = new Numbered(number, line);
    if (weight.addAndGet(next.weight()) > MOST) {
      tooSlow = true;
    } else {
      waiting.add(next);
    }
    announce();
  }

  /** The lines up to this number were read; those behind it may come. */
  public void begin(long number) {
    executor.offer(
        () -> {
          last = number;
          announced.set(false);
          deliver();
        });
  }

  private void announce() {
    if (announced.compareAndSet(false, true)) {
      executor.offer(
          () -> {
            announced.set(false);
            deliver();
          });
    }
  }

  private void deliver() {
    boolean leftBehind = tooSlow;
    for (Numbered next = waiting.poll(); next != null && !closed; next = waiting.poll()) {
      weight.addAndGet(-next.weight());
      if (next.number > last) {
        last = next.number;
        give(next.line);
      }
    }
    if (leftBehind && !closed) {
      tell(new LogLine(latest, 4, TOO_SLOW));
      close();
    }
  }

  private void give(LogLine line) {
    latest = line.time();
    if (Wanted.is(query, line)) {
      tell(line);
    }
  }

  private void tell(LogLine line) {
    try {
      lines.accept(line);
    } catch (RuntimeException failure) {
      LOG.debug("Following ends: who was told has failed", failure);
      close();
    }
  }

  /** Nothing comes any more, but for a line that is being told now. Idempotent. */
  public void close() {
    if (!closed) {
      closed = true;
      end.run();
      executor.offer(executor::close);
    }
  }
}
