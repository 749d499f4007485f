package io.gantry.agent.run;

import io.gantry.agent.restart.ModuleExit;
import java.time.Instant;
import java.util.Optional;

/**
 * What is remembered of a module for the report only.
 *
 * @param lastStart when it was last started
 * @param lastExit how it last ended
 * @param lastError why it, or a step on it, last failed; until it is installed anew or healthy
 *     again
 * @param lastRestart why it was last started again
 */
public record Trail(
    Optional<Instant> lastStart,
    Optional<ModuleExit> lastExit,
    Optional<String> lastError,
    Optional<String> lastRestart) {

  static final Trail NONE =
      new Trail(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  Trail started(Instant now) {
    return new Trail(Optional.of(now), lastExit, lastError, lastRestart);
  }

  Trail exited(ModuleExit exit) {
    return new Trail(
        lastStart,
        Optional.of(exit),
        exit.code() == ModuleExit.CLEAN ? lastError : Optional.of(exit.text()),
        lastRestart);
  }

  Trail failed(String text) {
    return new Trail(lastStart, lastExit, Optional.of(text), lastRestart);
  }

  Trail restarted(String reason) {
    return new Trail(lastStart, lastExit, lastError, Optional.of(reason));
  }

  Trail forgiven() {
    return new Trail(lastStart, lastExit, Optional.empty(), lastRestart);
  }
}
