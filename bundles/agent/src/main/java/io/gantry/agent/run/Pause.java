package io.gantry.agent.run;

import io.gantry.agent.restart.RestartRule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The wait after a step that failed: growing up to five minutes, and never the last.
 *
 * @param tries failures in a row
 * @param from when the last one was
 * @param until when it is tried again; empty when nothing failed
 */
record Pause(int tries, Instant from, Optional<Instant> until) {

  static final Pause NONE = new Pause(0, Instant.EPOCH, Optional.empty());

  static Pause of(Duration wait, Instant now) {
    return new Pause(1, now, Optional.of(now.plus(wait)));
  }

  Pause longer(Instant now) {
    return new Pause(tries + 1, now, Optional.of(now.plus(RestartRule.waitAfter(tries))));
  }

  /** Also when the clock was set back behind the failure. */
  boolean isOver(Instant now) {
    return until.isEmpty() || !now.isBefore(until.get()) || now.isBefore(from);
  }
}
