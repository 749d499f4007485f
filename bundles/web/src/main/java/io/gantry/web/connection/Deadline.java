package io.gantry.web.connection;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The one limit of time that a connection is under at a moment. Used on the event loop only. */
public final class Deadline {

  private final Scheduler scheduler;
  private final Executor loop;
  private @Nullable Cancellable running;
  private long generation;

  public Deadline(Scheduler scheduler, Executor loop) {
    this.scheduler = scheduler;
    this.loop = loop;
  }

  /** Replaces the limit. */
  public void set(Duration limit, Runnable expired) {
    cancel();
    long mine = generation;
    Runnable unlessReplaced =
        () -> {
          if (generation == mine) {
            expired.run();
          }
        };
    running = scheduler.schedule(limit, () -> loop.execute(unlessReplaced));
  }

  /** There is none from now on. */
  public void cancel() {
    generation++;
    if (running != null) {
      running.cancel();
      running = null;
    }
  }
}
