package io.gantry.module.host.runtime;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Real threads and delays, for what happens in a real framework. */
public final class RealTime implements Threads, Scheduler, AutoCloseable {

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, factory("timer"));

  /** As the real one: what was called off is forgotten at once. */
  public RealTime() {
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    ScheduledFuture<?> future = timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    return () -> future.cancel(false);
  }

  /** How many tasks wait for their time. */
  int scheduled() {
    return timer.getQueue().size();
  }

  @Override
  public SerialExecutor serial(String name) {
    return new Serial(Executors.newSingleThreadExecutor(factory(name)));
  }

  @Override
  public ThreadFactory factory(String name) {
    return task -> {
      Thread thread = new Thread(task, "test-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    timer.shutdown();
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
