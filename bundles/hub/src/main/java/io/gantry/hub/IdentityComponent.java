package io.gantry.hub;

import io.gantry.hub.auth.GuardedAuthenticator;
import io.gantry.hub.auth.LocalVerifier;
import io.gantry.hub.identity.StoredRegistry;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.Credentials;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.TableStore;
import java.net.InetAddress;
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

/**
 * Offers the registry and whoever decides by it. A component of its own: who may connect is known
 * before there are routes and a hub.
 */
@Component(
    configurationPid = "io.gantry.hub",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {IdentityRegistry.class, Authenticator.class, IdentityComponent.class})
public final class IdentityComponent implements IdentityRegistry, Authenticator {

  private final SerialExecutor executor;
  private final StoredRegistry registry;
  private final Authenticator authenticator;

  @Activate
  public IdentityComponent(
      HubComponent.Config config,
      @Reference TableStore tables,
      @Reference Vault vault,
      @Reference Certificates certificates,
      @Reference Threads threads,
      @Reference InstantSource clock) {
    executor = threads.serial("identities");
    registry =
        new StoredRegistry(config.deviceId(), tables.table("identities"), vault, executor, clock);
    authenticator =
        new GuardedAuthenticator(
            new LocalVerifier(config.hubName(), registry, certificates, clock), clock);
  }

  @Deactivate
  void deactivate() {
    executor.close();
  }

  /** For the components of this bundle. */
  StoredRegistry registry() {
    return registry;
  }

  @Override
  public CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from) {
    return authenticator.authenticate(claimed, credentials, from);
  }

  @Override
  public Optional<RegisteredIdentity> find(Identity identity) {
    return registry.find(identity);
  }

  @Override
  public List<RegisteredIdentity> list() {
    return registry.list();
  }

  @Override
  public CompletionStage<RegisteredIdentity> create(
      Identity identity, Optional<AuthenticationMethod> method) {
    return registry.create(identity, method);
  }

  @Override
  public CompletionStage<RegisteredIdentity> setEnabled(Identity identity, boolean enabled) {
    return registry.setEnabled(identity, enabled);
  }

  @Override
  public CompletionStage<RegisteredIdentity> regenerateKey(Identity identity, Key key) {
    return registry.regenerateKey(identity, key);
  }

  @Override
  public CompletionStage<Void> delete(Identity identity) {
    return registry.delete(identity);
  }

  @Override
  public CompletionStage<Void> declare(Set<String> modules) {
    return registry.declare(modules);
  }
}
