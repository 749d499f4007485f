package io.gantry.hub;

import io.gantry.hub.identity.StoredIdentities;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.TableStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers the registry. A component of its own, because the hub's other faces need it. */
@Component(
    configurationPid = "io.gantry.hub",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {IdentityRegistry.class, IdentityComponent.class})
public final class IdentityComponent implements IdentityRegistry {

  private final StoredIdentities identities;

  @Activate
  public IdentityComponent(
      HubComponent.Config config,
      @Reference TableStore tables,
      @Reference Vault vault,
      @Reference Threads threads,
      @Reference InstantSource clock) {
    identities =
        new StoredIdentities(
            config.deviceId(),
            tables.table("identities"),
            vault,
            threads.serial("identities"),
            clock);
  }

  @Deactivate
  void deactivate() {
    identities.close();
  }

  /** Where the hub listens; for the components of this bundle. */
  StoredIdentities identities() {
    return identities;
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return identities.find(identity);
  }

  @Override
  public List<RegisteredIdentity> list() {
    return identities.list();
  }

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    return identities.create(identity, method);
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    return identities.setEnabled(identity, enabled);
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    return identities.regenerateKey(identity, key);
  }

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    return identities.delete(identity);
  }

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    return identities.declare(modules);
  }
}
