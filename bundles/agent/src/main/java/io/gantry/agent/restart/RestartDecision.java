package io.gantry.agent.restart;

import java.time.Instant;
import java.util.Optional;

/** What the restart rule says of a module that shall run. */
public sealed interface RestartDecision {

  /**
   * Nothing is to be done: it runs, or it has not ended by itself.
   *
   * @param forgetAt when its restarts are forgotten; empty when there are none
   */
  record Healthy(Optional<Instant> forgetAt) implements RestartDecision {}

  /** It has run long enough: its restarts are to be forgotten. */
  record Recovered() implements RestartDecision {}

  /** It is started again then. */
  record Backoff(Instant until) implements RestartDecision {}

  /** It is to be started again now. */
  record Restart() implements RestartDecision {}

  /** It ended without failure, and its policy leaves it so. */
  record Finished() implements RestartDecision {}

  /** It failed, and its policy leaves it so. */
  record Failed() implements RestartDecision {}
}
