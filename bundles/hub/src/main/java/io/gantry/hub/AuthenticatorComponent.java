package io.gantry.hub;

import io.gantry.hub.auth.GuardedAuthenticator;
import io.gantry.hub.auth.RegistryExaminer;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.Credentials;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/**
 * Offers the authenticator. A component of its own, because it needs the certificates: when the
 * operator's cannot be read, nobody logs in, and the rest of the gateway goes on.
 */
@Component(
    configurationPid = "io.gantry.hub",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Authenticator.class)
public final class AuthenticatorComponent implements Authenticator {

  private final GuardedAuthenticator authenticator;

  @Activate
  public AuthenticatorComponent(
      HubComponent.Config config,
      @Reference IdentityRegistry identities,
      @Reference Certificates certificates,
      @Reference InstantSource clock) {
    authenticator =
        new GuardedAuthenticator(
            new RegistryExaminer(
                config.deviceId(), config.hubName(), identities, certificates, clock),
            clock);
  }

  @Override
  public CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from) {
    return authenticator.authenticate(claimed, credentials, from);
  }
}
