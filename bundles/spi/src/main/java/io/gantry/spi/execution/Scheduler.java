package io.gantry.spi.execution;

import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** Delays. The clock itself is the service {@code java.time.InstantSource} beside this one. */
@ProviderType
public interface Scheduler {

  /**
   * Runs the task once, not before the delay has passed. The task runs on the scheduler's only
   * thread: it must hand real work to an executor of its owner.
   */
  Cancellable schedule(Duration delay, Runnable task);
}
