package io.gantry.hub.auth;

import io.gantry.hub.identity.Obstacles;
import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.Credentials;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Knows by the registry of this gateway, and answers at once. */
public final class RegistryExaminer implements Examiner {

  private final IdentityRegistry identities;
  private final Obstacles obstacles;
  private final String hubName;
  private final Certificates certificates;
  private final TokenRule tokenRule;
  private final CertificateRule certificateRule;

  /**
   * @param gateway the gateway's own device id
   * @param hubName the hub that this gateway stands in for
   */
  public RegistryExaminer(
      String gateway,
      String hubName,
      IdentityRegistry identities,
      Certificates certificates,
      InstantSource clock) {
    this.identities = identities;
    this.hubName = hubName;
    this.certificates = certificates;
    obstacles = new Obstacles(gateway, identities);
    tokenRule = new TokenRule(this::isOurs, clock);
    certificateRule = new CertificateRule(certificates::isTrusted, clock);
  }

  /** The certificate may be replaced by one with other names at any time. */
  private boolean isOurs(String host) {
    return host.equalsIgnoreCase(hubName)
        || host.equalsIgnoreCase(certificates.hostName())
        || certificates.names().stream().anyMatch(host::equalsIgnoreCase);
  }

  @Override
  public CompletionStage<Authentication> examine(Identity claimed, Credentials credentials) {
    Optional<AuthenticationMethod> method =
        identities.find(claimed).map(RegisteredIdentity::method);
    Authentication proof =
        credentials instanceof Credentials.Token token
            ? tokenRule.examine(claimed, method.flatMap(RegistryExaminer::keys), token.text())
            : certificateRule.examine(
                claimed, method, ((Credentials.Certificate) credentials).chain());
    return CompletableFuture.completedFuture(
        proof instanceof Accepted ? admitted(claimed, proof) : proof);
  }

  private static Optional<SasKeys> keys(AuthenticationMethod method) {
    return method instanceof SasKeys keys ? Optional.of(keys) : Optional.empty();
  }

  /** Last, so that only who has proved itself learns by any means that it is disabled. */
  private Authentication admitted(Identity claimed, Authentication proof) {
    return obstacles
        .obstacle(claimed)
        .<Authentication>map(obstacle -> new Refused(false, obstacle))
        .orElse(proof);
  }
}
