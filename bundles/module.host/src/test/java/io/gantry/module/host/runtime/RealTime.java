package io.gantry.module.host.runtime;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Real threads and delays, for what happens in a real framework. A second or more is a limit, and
 * passes when the test lets it pass and not before, however busy the machine is.
 */
public final class RealTime implements Threads, Scheduler, InstantSource, AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, factory("timer"));
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);

  /** One of these, and no other that is equal. */
  private static final class Waiting {

    private final Duration delay;
    private final Runnable task;

    Waiting(Duration delay, Runnable task) {
      this.delay = delay;
      this.task = task;
    }
  }

  /** Begins now. */
  public RealTime() {
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(passed.get());
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    Waiting one = new Waiting(delay, task);
    waiting.add(one);
    if (delay.compareTo(LIMIT) < 0) {
      timer.schedule(() -> due(one), delay.toMillis(), TimeUnit.MILLISECONDS);
    }
    return () -> waiting.remove(one);
  }

  private void due(Waiting one) {
    if (waiting.remove(one)) {
      one.task.run();
    }
  }

  /** How many tasks wait for their time. */
  int scheduled() {
    return waiting.size();
  }

  /** Waits until somebody waits for so long, and lets that time pass at once. */
  void pass(Duration delay) {
    await(delay);
    skip(delay);
  }

  /** Waits until somebody waits for so long. */
  void await(Duration delay) {
    HostRig.until(
        "something waits for " + delay,
        () -> waiting.stream().anyMatch(one -> one.delay.equals(delay)));
  }

  /** Sets the clock as a time server would; what waits is not affected. */
  void set(Duration jump) {
    passed.accumulateAndGet(jump, Duration::plus);
  }

  /** Lets so much time pass at once: what waits now for so long, or not as long, is due. */
  void skip(Duration time) {
    List<Waiting> due = waiting.stream().filter(one -> one.delay.compareTo(time) <= 0).toList();
    passed.accumulateAndGet(time, Duration::plus);
    due.forEach(one -> timer.execute(() -> due(one)));
  }

  @Override
  public SerialExecutor serial(String name) {
    return new Serial(Executors.newSingleThreadExecutor(factory("serial-" + name)));
  }

  @Override
  public ThreadFactory factory(String name) {
    return task -> {
      Thread thread = new Thread(task, "test-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** A call that hung and comes back still writes into the framework's folder. */
  @Override
  public void close() {
    timer.shutdown();
    HostRig.until("all calls of modules have come back", () -> !isCalling());
  }

  private static boolean isCalling() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("test-module-"));
  }

  private record Serial(ExecutorService executor) implements SerialExecutor {

    @Override
    public void execute(Runnable task) {
      executor.execute(task);
    }

    @Override
    public boolean isCurrent() {
      throw new UnsupportedOperationException("no test asks");
    }

    @Override
    public void close() {
      executor.shutdown();
    }
  }
}
