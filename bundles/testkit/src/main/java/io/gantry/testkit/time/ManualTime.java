package io.gantry.testkit.time;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A clock and a scheduler that stand still until the test moves them. Begins at
 * 2026-01-01T00:00:00Z. Any thread may look and schedule, as an event loop does on its own; one
 * moves it, and runs what falls due.
 */
public final class ManualTime implements InstantSource, Scheduler {

  private final List<Due> waiting = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long sequence;

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized Cancellable schedule(Duration delay, Runnable task) {
    Due due = new Due(now.plus(delay), sequence++, task);
    waiting.add(due);
    return () -> cancel(due);
  }

  private synchronized void cancel(Due due) {
    waiting.removeIf(other -> other.sequence == due.sequence);
  }

  /** Moves the clock and runs what falls due on the way, each at its own time, in order. */
  public void advance(Duration duration) {
    Instant end = instant().plus(duration);
    for (Optional<Due> next = next(end); next.isPresent(); next = next(end)) {
      next.get().task.run();
    }
  }

  /** Sets the clock as an operator or a time server would; delays are not affected. */
  public synchronized void set(Instant instant) {
    Duration jump = Duration.between(now, instant);
    waiting.replaceAll(due -> new Due(due.at.plus(jump), due.sequence, due.task));
    now = instant;
  }

  /** When the next task is due; empty when none waits. */
  public synchronized Optional<Duration> untilNext() {
    return waiting.stream()
        .min(Comparator.naturalOrder())
        .map(due -> Duration.between(now, due.at));
  }

  /** How many tasks wait. */
  public synchronized int waiting() {
    return waiting.size();
  }

  /** Takes what is due next, and moves the clock to its time, or to the end when there is none. */
  private synchronized Optional<Due> next(Instant end) {
    Optional<Due> next =
        waiting.stream().filter(due -> !due.at.isAfter(end)).min(Comparator.naturalOrder());
    next.ifPresent(waiting::remove);
    Instant at = next.map(Due::at).orElse(end);
    now = next.isEmpty() || at.isAfter(now) ? at : now;
    return next;
  }

  private record Due(Instant at, long sequence, Runnable task) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }
}
