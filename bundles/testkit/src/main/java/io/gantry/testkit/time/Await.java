package io.gantry.testkit.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Bounded waiting for what a thread does that the test cannot drive: an event loop, a socket. */
public final class Await {

  private static final int LIMIT_SECONDS = 60;

  private Await() {}

  /** Waits until the condition holds; fails with what was waited for when it does not in time. */
  public static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited for " + LIMIT_SECONDS + " s until " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }
}
