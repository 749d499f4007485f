package io.gantry.agent.loop;

import io.gantry.agent.manifest.Deployment;
import io.gantry.spi.identity.IdentityRegistry;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each module of the deployment an identity, by which it may also connect from elsewhere. A
 * deployment does not wait for it: what fails is tried again at the next turn. Used by the agent's
 * executor, except for the outcome.
 */
final class Declaration {

  private static final Logger LOG = LoggerFactory.getLogger(Declaration.class);

  private final IdentityRegistry identities;
  private volatile Optional<Set<String>> declared = Optional.empty();

  Declaration(IdentityRegistry identities) {
    this.identities = identities;
  }

  /** Looks whether the registry knows the modules of this deployment. */
  void turn(Optional<Deployment> deployment) {
    if (deployment.isEmpty()) {
      return;
    }
    Set<String> modules = Set.copyOf(deployment.get().modules().keySet());
    Optional<Set<String>> wanted = Optional.of(modules);
    if (wanted.equals(declared)) {
      return;
    }
    declared = wanted;
    identities
        .declare(modules)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                declared = Optional.empty();
                LOG.warn(
                    "AGENT-13 the modules {} cannot be registered as identities; it is tried again",
                    modules,
                    failure);
              }
            });
  }
}
