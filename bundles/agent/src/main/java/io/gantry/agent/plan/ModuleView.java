package io.gantry.agent.plan;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.util.Optional;
import java.util.Set;

/**
 * What the planner sees of one module.
 *
 * @param name its name
 * @param desired how it is declared; empty when it shall go
 * @param installed what is in the framework
 * @param ready what was prepared for {@code desired}; empty when that has to be done
 * @param hasExited whether it ended by itself, could not be started or is not healthy
 * @param decision of the restart rule
 */
public record ModuleView(
    String name,
    Optional<DeclaredModule> desired,
    Optional<InstalledModule> installed,
    Optional<PreparedModule> ready,
    boolean hasExited,
    RestartDecision decision) {

  boolean isInPlace(PreparedModule wanted) {
    return installed.filter(now -> isSame(now.prepared(), wanted)).isPresent();
  }

  /**
   * Whether the two are the same bundles with the same settings. How they were asked for does not
   * matter: another image or version text that leads to the same is nothing new.
   */
  public static boolean isSame(PreparedModule one, PreparedModule other) {
    return one.sha256().equals(other.sha256())
        && Set.copyOf(one.shared()).equals(Set.copyOf(other.shared()))
        && one.spec().environment().equals(other.spec().environment())
        && one.spec().configuration().equals(other.spec().configuration());
  }

  boolean runs() {
    return installed.map(InstalledModule::state).filter(ModuleView::isActive).isPresent();
  }

  boolean isUnhealthy() {
    return installed.filter(module -> module.state() == State.UNHEALTHY).isPresent();
  }

  /** Whether a module in this state is at work. */
  public static boolean isActive(State state) {
    return state == State.RUNNING || state == State.STARTING || state == State.UNHEALTHY;
  }
}
