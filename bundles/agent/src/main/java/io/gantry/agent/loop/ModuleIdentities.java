package io.gantry.agent.loop;

import io.gantry.agent.run.Duty;
import io.gantry.spi.identity.IdentityRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Sees to it that modules have identities while they are declared or still there: one that is being
 * removed says its last words as itself. It goes on beside a deployment, which neither waits for it
 * nor fails with it. Used by the agent's executor only.
 */
final class ModuleIdentities {

  private static final String AGENT = "$edgeAgent";

  private final Duty declaring;
  private Optional<IdentityRegistry> registry = Optional.empty();
  private Optional<Set<String>> declared = Optional.empty();
  private Optional<String> failure = Optional.empty();

  ModuleIdentities(InstantSource time, Executor owner) {
    declaring = new Duty("declaring the identities of modules", time, owner);
  }

  /** There is a registry now. */
  void use(IdentityRegistry found) {
    registry = Optional.of(found);
    again();
  }

  /** This one is no more. */
  void lose(IdentityRegistry gone) {
    registry = registry.filter(known -> known != gone);
  }

  /** Declares them once more, be they the same. */
  void again() {
    declared = Optional.empty();
  }

  /**
   * Does what can be done now for these modules and the agent itself, and runs {@code then}
   * afterwards.
   */
  void turn(Set<String> names, Runnable then) {
    Set<String> modules = new HashSet<>(names);
    modules.add(AGENT);
    if (registry.isEmpty()) {
      return;
    }
    IdentityRegistry now = registry.get();
    if (declared.filter(modules::equals).isEmpty()) {
      declared = Optional.of(modules);
      declaring.want(() -> now.declare(modules));
    }
    declaring.attend(then);
    if (!failure.equals(declaring.failure())) {
      failure = declaring.failure();
      failure.ifPresent(AgentLog::undeclared);
    }
  }

  /** Whether the modules have their identities, as far as anybody can give them any. */
  boolean isSettled() {
    return declared.isPresent() && declaring.isIdle();
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due() {
    return registry.flatMap(known -> declaring.due());
  }
}
