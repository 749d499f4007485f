package io.gantry.agent.plan;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.PreparedModule;
import java.util.Optional;

/**
 * What the planner sees of one module.
 *
 * @param name its name
 * @param desired how it is declared; empty when it shall go
 * @param installed what is in the framework
 * @param installedAs the declaration that what is installed was made for
 * @param ready what was prepared for {@code desired}, when it was
 * @param hasExited whether it ended by itself, or could not be started
 * @param decision of the restart rule
 */
public record ModuleView(
    String name,
    Optional<DeclaredModule> desired,
    Optional<InstalledModule> installed,
    Optional<DeclaredModule> installedAs,
    Optional<PreparedModule> ready,
    boolean hasExited,
    RestartDecision decision) {

  boolean isUpToDate(DeclaredModule declared) {
    return installed.isPresent() && installedAs.filter(declared::isBuiltAs).isPresent();
  }

  boolean runs() {
    return installed
        .filter(
            module ->
                module.state() == InstalledModule.State.RUNNING
                    || module.state() == InstalledModule.State.STARTING)
        .isPresent();
  }
}
