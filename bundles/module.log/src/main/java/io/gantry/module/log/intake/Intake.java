package io.gantry.module.log.intake;

import io.gantry.spi.log.LogLine;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * What was logged and is not written yet. Whoever logs neither waits nor takes a lock; what there
 * is no room for is counted instead. One module that logs too much has its own bound, so that the
 * others are still heard. {@link #add} any thread, {@link #drain} one at a time.
 */
public final class Intake {

  /** Bound of the characters that wait, of all and of one. */
  private static final long MOST = 4L << 20;

  private static final long MOST_OF_ONE = 1L << 20;

  /** What a line takes besides its text. */
  private static final long OVERHEAD = 100;

  private record Waiting(Source source, LogLine line) {

    long weight() {
      return line.text().length() + OVERHEAD;
    }
  }

  private final Map<String, Source> sources = new ConcurrentHashMap<>();
  private final Queue<Waiting> lines = new ConcurrentLinkedQueue<>();
  private final AtomicLong weight = new AtomicLong();
  private final AtomicBoolean announced = new AtomicBoolean();
  private final Runnable announce;

  /**
   * @param announce is run when there are lines for a {@link #drain}; must not block
   */
  public Intake(Runnable announce) {
    this.announce = announce;
  }

  /** Who logs into this log. */
  public Source source(String log) {
    return sources.computeIfAbsent(log, Source::new);
  }

  /** A line that was logged. */
  public void add(Source source, LogLine line) {
    Waiting waiting = new Waiting(source, line);
    long mine = waiting.weight();
    if (!takeRoom(source.waiting, mine, MOST_OF_ONE)) {
      source.lost.incrementAndGet();
      return;
    }
    if (!takeRoom(weight, mine, MOST)) {
      source.waiting.addAndGet(-mine);
      source.lost.incrementAndGet();
      return;
    }
    lines.add(waiting);
    if (!announced.get() && announced.compareAndSet(false, true)) {
      announce.run();
    }
  }

  private static boolean takeRoom(AtomicLong taken, long mine, long most) {
    if (taken.addAndGet(mine) <= most) {
      return true;
    }
    taken.addAndGet(-mine);
    return false;
  }

  /** Takes some of the lines that wait, in order; announces what is left. */
  public void drain(int most, BiConsumer<String, LogLine> taker) {
    announced.set(false);
    int taken = 0;
    for (Waiting next = lines.poll(); next != null; next = lines.poll()) {
      next.source.waiting.addAndGet(-next.weight());
      weight.addAndGet(-next.weight());
      taker.accept(next.source.log(), next.line);
      taken++;
      if (taken == most) {
        break;
      }
    }
    if (!lines.isEmpty() && announced.compareAndSet(false, true)) {
      announce.run();
    }
  }

  /** Whether lines wait. */
  public boolean hasLines() {
    return !lines.isEmpty();
  }

  /** How many lines of a log found no room since the last call. */
  public long takeLost(String log) {
    Source source = sources.get(log);
    return source == null ? 0 : source.lost.getAndSet(0);
  }
}
