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
 */
public record Trail(
    Optional<Instant> lastStart, Optional<ModuleExit> lastExit, Optional<String> lastError) {

  static final Trail NONE = new Trail(Optional.empty(), Optional.empty(), Optional.empty());

  Trail started(Instant now) {
    return new Trail(Optional.of(now), lastExit, lastError);
  }

  Trail exited(ModuleExit exit) {
    return new Trail(
        lastStart,
        Optional.of(exit),
        exit.code() == ModuleExit.CLEAN ? lastError : Optional.of(exit.text()));
  }

  Trail failed(String text) {
    return new Trail(lastStart, lastExit, Optional.of(text));
  }

  Trail forgiven() {
    return new Trail(lastStart, lastExit, Optional.empty());
  }
}
