package io.gantry.agent.restart;

import java.time.Instant;
import java.util.Optional;

/**
 * What the restart rule remembers of a module.
 *
 * @param restarts restarts since it was last healthy
 * @param lastRestart the last of them
 * @param runningSince since when it runs; empty while it does not
 * @param exit how it ended by itself, or why it is not healthy; empty while it runs well, and when
 *     it never did or was stopped
 */
public record RestartHistory(
    int restarts,
    Optional<Instant> lastRestart,
    Optional<Instant> runningSince,
    Optional<ModuleExit> exit) {

  /** Of a module that was never restarted. */
  public static final RestartHistory NONE =
      new RestartHistory(0, Optional.empty(), Optional.empty(), Optional.empty());

  /** It runs now. */
  public RestartHistory started(Instant now) {
    return new RestartHistory(restarts, lastRestart, Optional.of(now), Optional.empty());
  }

  /** It does not run, because it was told so. */
  public RestartHistory stopped() {
    return new RestartHistory(restarts, lastRestart, Optional.empty(), Optional.empty());
  }

  /** It ended by itself, or could not be started. */
  public RestartHistory exited(ModuleExit how) {
    RestartHistory before = isHealthyAt(how.at()) ? forgiven() : this;
    return new RestartHistory(
        before.restarts, before.lastRestart, Optional.empty(), Optional.of(how));
  }

  /** The rule starts it again now. */
  public RestartHistory restarting(Instant now) {
    return new RestartHistory(restarts + 1, Optional.of(now), runningSince, exit);
  }

  /** What counts for the waiting is forgotten; whether it runs is not. */
  public RestartHistory forgiven() {
    return new RestartHistory(0, Optional.empty(), runningSince, exit);
  }

  /** Something else is wanted of it now: neither its restarts nor its end count any more. */
  public RestartHistory renewed() {
    return new RestartHistory(0, Optional.empty(), runningSince, Optional.empty());
  }

  /** When the clock was set back behind its start, the start counts as now. */
  public RestartHistory at(Instant now) {
    return runningSince.filter(now::isBefore).isPresent() ? started(now) : this;
  }

  /** Whether it has run long enough for nothing of before to count. */
  public boolean isHealthyAt(Instant now) {
    return runningSince
        .filter(since -> !now.isBefore(since.plus(RestartRule.HEALTHY_AFTER)))
        .isPresent();
  }
}
