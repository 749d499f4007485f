package io.gantry.agent.restart;

import io.gantry.agent.manifest.RestartPolicy;
import io.gantry.agent.restart.RestartDecision.Backoff;
import io.gantry.agent.restart.RestartDecision.Failed;
import io.gantry.agent.restart.RestartDecision.Finished;
import io.gantry.agent.restart.RestartDecision.Healthy;
import io.gantry.agent.restart.RestartDecision.Recovered;
import io.gantry.agent.restart.RestartDecision.Restart;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a module that ended is started again, and when. Differs from the IoT Edge agent in two
 * ways: it never gives up, because a gateway has nobody to press a button, and a clean end is
 * restarted under {@code always} only, as documented there. Pure.
 */
public final class RestartRule {

  /** The longest wait between two tries of anything. */
  public static final Duration LONGEST_WAIT = Duration.ofSeconds(300);

  /** A module that has run for so long is healthy again. */
  public static final Duration HEALTHY_AFTER = Duration.ofMinutes(10);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(10);
  private static final int DOUBLINGS = 5;

  private RestartRule() {}

  /** The decision for a module that shall run. */
  public static RestartDecision decide(RestartHistory history, RestartPolicy policy, Instant now) {
    return history
        .exit()
        .map(exit -> afterExit(history.restarts(), policy, exit, now))
        .orElseGet(() -> running(history, now));
  }

  /** 10, 20, 40, 80, 160, 300, 300, ... seconds. */
  public static Duration waitAfter(int tries) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(tries, DOUBLINGS));
    return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
  }

  private static RestartDecision afterExit(
      int restarts, RestartPolicy policy, ModuleExit exit, Instant now) {
    if (!restarts(policy, exit.code())) {
      return exit.code() == ModuleExit.CLEAN ? new Finished() : new Failed();
    }
    Instant until = exit.at().plus(waitAfter(restarts));
    // An exit in the future means that the clock was set back: the wait has lost its meaning.
    boolean due = !now.isBefore(until) || now.isBefore(exit.at());
    return due ? new Restart() : new Backoff(until);
  }

  private static boolean restarts(RestartPolicy policy, int exitCode) {
    return switch (exitCode) {
      case ModuleExit.CLEAN -> policy == RestartPolicy.ALWAYS;
      case ModuleExit.UNHEALTHY ->
          policy == RestartPolicy.ALWAYS || policy == RestartPolicy.ON_UNHEALTHY;
      default -> policy != RestartPolicy.NEVER;
    };
  }

  private static RestartDecision running(RestartHistory history, Instant now) {
    Optional<Instant> forgetAt =
        history
            .runningSince()
            .filter(since -> history.restarts() > 0)
            .map(since -> since.plus(HEALTHY_AFTER));
    boolean recovered = forgetAt.filter(then -> !now.isBefore(then)).isPresent();
    return recovered ? new Recovered() : new Healthy(forgetAt);
  }
}
