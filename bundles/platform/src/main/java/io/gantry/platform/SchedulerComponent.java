package io.gantry.platform;

import io.gantry.platform.time.TimerScheduler;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers delays. */
@Component
public final class SchedulerComponent implements Scheduler {

  private final TimerScheduler scheduler;

  @Activate
  public SchedulerComponent(@Reference Threads threads) {
    scheduler = new TimerScheduler(threads.factory("scheduler"));
  }

  @Deactivate
  void deactivate() {
    scheduler.close();
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    return scheduler.schedule(delay, task);
  }
}
