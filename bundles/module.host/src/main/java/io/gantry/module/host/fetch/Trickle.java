package io.gantry.module.host.fetch;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Gives up a transfer of which so little comes that it is as good as nothing: a server that sends a
 * byte now and then would otherwise hold up for ever who waits for it. Far less than the slowest
 * modem is meant; and while somebody has not yet read what came, it is not the server who is slow.
 */
final class Trickle {

  private static final int LIMITS = 10;
  private static final long BYTES = 8 << 10;

  private final Body body;
  private final Duration period;
  private final Scheduler scheduler;
  private volatile boolean over;
  private volatile @Nullable Cancellable next;

  /** Looks at a transfer in periods of ten times the limit for silence. */
  Trickle(Body body, Duration stallLimit, Scheduler scheduler) {
    this.body = body;
    this.period = stallLimit.multipliedBy(LIMITS);
    this.scheduler = scheduler;
  }

  void begin() {
    watch(0);
  }

  private void watch(long before) {
    next = scheduler.schedule(period, () -> look(before));
    if (over) {
      end();
    }
  }

  private void look(long before) {
    if (over) {
      return;
    }
    if (body.isAwaited() && body.received() - before < BYTES) {
      body.giveUp(
          FetchException.temporary(
              "stalled: less than "
                  + BYTES
                  + " bytes came in "
                  + Http.seconds(period)
                  + ", and it was given up",
              null));
    } else {
      watch(body.received());
    }
  }

  void end() {
    over = true;
    Cancellable waiting = next;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}
