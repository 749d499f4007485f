package io.gantry.itest;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting with a bound, for what another process or a framework thread does. */
public final class Await {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private Await() {}

  /** Waits until the condition holds; fails with what was waited for when it does not in time. */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    until(what, limit, condition, () -> "");
  }

  /**
   * Waits until the condition holds.
   *
   * @param evidence asked on failure, for the text of the error
   */
  public static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> evidence) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "waited " + limit.toSeconds() + " s in vain: " + what + "\n" + evidence.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
