package io.gantry.web.server;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.Optional;

/** A clock that the test moves while the event loop sets its limits by it. */
final class SharedTime implements Scheduler {

  private final ManualTime time = new ManualTime();

  @Override
  public synchronized Cancellable schedule(Duration delay, Runnable task) {
    Cancellable scheduled = time.schedule(delay, task);
    return () -> {
      synchronized (this) {
        scheduled.cancel();
      }
    };
  }

  synchronized void advance(Duration duration) {
    time.advance(duration);
  }

  synchronized Optional<Duration> untilNext() {
    return time.untilNext();
  }

  synchronized int waiting() {
    return time.waiting();
  }
}
