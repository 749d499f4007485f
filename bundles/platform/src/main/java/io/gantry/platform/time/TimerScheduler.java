package io.gantry.platform.time;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for whatever is due next. It measures elapsed time, so that a clock that is
 * set does not shorten or stretch a delay.
 */
public final class TimerScheduler implements Scheduler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TimerScheduler.class);

  private final ScheduledThreadPoolExecutor executor;

  public TimerScheduler(ThreadFactory threads) {
    executor = new ScheduledThreadPoolExecutor(1, threads);
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    Future<?> future = executor.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable problem) {
      LOG.error("A scheduled task failed; others go on", problem);
    }
  }

  /** Forgets what is not due yet. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
