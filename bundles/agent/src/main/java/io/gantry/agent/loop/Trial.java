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
 */
record Trial(Duration window, Instant until) {

  /** A runtime that was started so often in the window is not stable: a module may take it down. */
  static final int MOST_STARTS = 3;

  static Optional<Trial> of(Deployment deployment, Instant now) {
    return deployment.rollback().map(window -> new Trial(window, now.plus(window)));
  }

  boolean isOver(Instant now) {
    // A clock that was set back must not prolong it for ever.
    return !now.isBefore(until) || now.isBefore(until.minus(window));
  }

  /** For a person. */
  String verdict(List<String> ailments) {
    return "it was not well within " + window.toSeconds() + " s: " + String.join("; ", ailments);
  }
}
