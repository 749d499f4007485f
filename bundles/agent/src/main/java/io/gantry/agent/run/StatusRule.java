package io.gantry.agent.run;

import io.gantry.agent.manifest.Secrets;
import io.gantry.agent.restart.ModuleExit;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import java.util.Optional;

/**
 * The word for the state of a module. Pure.
 *
 * @param installed what is in the framework
 * @param shallRun whether it is declared to run
 * @param isFetched whether it is being fetched now
 * @param isFailing whether a step other than a start failed last
 * @param history its restarts
 * @param decision what the restart rule says
 * @param trail its errors
 */
record StatusRule(
    Optional<InstalledModule> installed,
    boolean shallRun,
    boolean isFetched,
    boolean isFailing,
    RestartHistory history,
    RestartDecision decision,
    Trail trail) {

  StatusWord word() {
    if (installed.isEmpty()) {
      return isFetched
          ? StatusWord.DOWNLOADING
          : isFailing ? StatusWord.FAILED : StatusWord.UNKNOWN;
    }
    State state = installed.get().state();
    if (state == State.RUNNING) {
      return StatusWord.RUNNING;
    }
    if (state == State.UNHEALTHY) {
      return StatusWord.UNHEALTHY;
    }
    if (shallRun && history.exit().isPresent()) {
      return afterExit();
    }
    return state == State.FAILED ? StatusWord.FAILED : StatusWord.STOPPED;
  }

  private StatusWord afterExit() {
    if (decision instanceof RestartDecision.Finished) {
      return StatusWord.STOPPED;
    }
    return decision instanceof RestartDecision.Failed ? StatusWord.FAILED : StatusWord.BACKOFF;
  }

  /** The status for a person. */
  String description() {
    String update = isFetched && installed.isPresent() ? ", an update is being fetched" : "";
    return switch (word()) {
      case UNKNOWN -> "not attempted yet";
      case DOWNLOADING -> "being fetched";
      case RUNNING -> "running" + hint() + update;
      case STOPPED -> history.exit().map(ModuleExit::text).orElse("stopped") + update;
      case FAILED -> why() + update;
      case UNHEALTHY -> why() + recovery() + update;
      case BACKOFF -> why() + "; it is started again " + when() + update;
    };
  }

  private String hint() {
    return installed
        .flatMap(InstalledModule::error)
        .map(text -> ", " + Secrets.hide(text))
        .orElse("");
  }

  private String why() {
    return history.exit().map(ModuleExit::text).or(trail::lastError).orElse("failed");
  }

  private String recovery() {
    return shallRun && !(decision instanceof RestartDecision.Failed)
        ? "; it is started again " + when()
        : "";
  }

  private String when() {
    return decision instanceof RestartDecision.Backoff backoff ? "at " + backoff.until() : "now";
  }
}
