package io.gantry.agent.loop;

import io.gantry.agent.manifest.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The window in which a deployment that wants it must become well, or is taken back.
 *
 * @param window its length
 * @param until its end
 * @param seen when somebody last looked at the clock
 */
record Trial(Duration window, Instant until, Instant seen) {

  /** The agent looks at the clock once a minute at least. */
  private static final Duration LONGEST_UNSEEN = Duration.ofMinutes(2);

  /** A runtime that was started so often in the window is not stable: a module may take it down. */
  static final int MOST_STARTS = 3;

  static Optional<Trial> of(Deployment deployment, Instant now) {
    return deployment.rollback().map(window -> new Trial(window, now.plus(window), now));
  }

  /**
   * As it stands now. A gateway without a clock of its own learns the time after its start: when
   * the clock was set, nobody knows how much of the window has passed, and it begins anew.
   */
  Trial at(Instant now) {
    boolean wasSet = now.isBefore(seen) || now.isAfter(seen.plus(LONGEST_UNSEEN));
    return new Trial(window, wasSet ? now.plus(window) : until, now);
  }

  boolean isOver(Instant now) {
    return !now.isBefore(until);
  }

  /** For a person. */
  String verdict(List<String> ailments) {
    return "it was not well within " + window.toSeconds() + " s: " + String.join("; ", ailments);
  }
}
