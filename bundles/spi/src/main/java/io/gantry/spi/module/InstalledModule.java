package io.gantry.spi.module;

import java.util.Optional;

/**
 * A module as it is now in the framework.
 *
 * @param name the module's name
 * @param prepared what it was installed from
 * @param state whether it runs
 * @param error why it failed or, while it runs, what a component of it waits for; empty when all is
 *     well
 */
public record InstalledModule(
    String name, PreparedModule prepared, State state, Optional<String> error) {

  /** Whether a module runs. */
  public enum State {
    /** Installed, never started or stopped in order: exit code 0. */
    STOPPED,
    /** Its start is under way. */
    STARTING,
    /** Active, and healthy as far as it says. */
    RUNNING,
    /** Active, but one of its health checks fails or one of its handlers hangs. */
    UNHEALTHY,
    /** Its activator, a component or a thread of it threw: exit code 1. */
    FAILED
  }
}
