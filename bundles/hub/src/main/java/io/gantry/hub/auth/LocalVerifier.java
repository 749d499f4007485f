package io.gantry.hub.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.Credentials;
import io.gantry.spi.security.SasToken;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/** Asks the registry of this gateway. Any thread. */
public final class LocalVerifier implements Verifier {

  /** Clocks differ: a token is good for so much longer (IoT Edge hub does the same). */
  static final Duration SKEW = Duration.ofMinutes(5);

  /** An unknown identity costs as much as a known one. */
  private static final SasKeys NOBODY =
      new SasKeys(
          Base64.getEncoder().encodeToString(new byte[32]),
          Base64.getEncoder().encodeToString(new byte[32]));

  private final String hubName;
  private final IdentityRegistry registry;
  private final Certificates certificates;
  private final InstantSource clock;

  public LocalVerifier(
      String hubName, IdentityRegistry registry, Certificates certificates, InstantSource clock) {
    this.hubName = hubName;
    this.registry = registry;
    this.certificates = certificates;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Authentication> verify(Identity claimed, Credentials credentials) {
    Optional<RegisteredIdentity> registered = registry.find(claimed);
    Authentication outcome =
        credentials instanceof Credentials.Token token
            ? token(claimed, registered, token.text())
            : certificate(claimed, registered, ((Credentials.Certificate) credentials).chain());
    return CompletableFuture.completedFuture(outcome);
  }

  private static Authentication refused(String text) {
    return new Authentication.Refused(false, text);
  }

  /** What holds for whatever it shows; empty when nothing is wrong. */
  private static Optional<Authentication> obstacle(Optional<RegisteredIdentity> registered) {
    if (registered.isEmpty()) {
      return Optional.of(refused("there is no such identity"));
    }
    return registered.get().enabled()
        ? Optional.empty()
        : Optional.of(refused("the identity is disabled"));
  }

  private Authentication token(
      Identity claimed, Optional<RegisteredIdentity> registered, String text) {
    SasToken token;
    try {
      token = SasToken.parse(text);
    } catch (IllegalArgumentException malformed) {
      return refused(String.valueOf(malformed.getMessage()));
    }
    AuthenticationMethod method = registered.map(RegisteredIdentity::method).orElse(NOBODY);
    SasKeys keys = method instanceof SasKeys own ? own : NOBODY;
    // Both are tried, whatever came of the first: time tells nothing.
    boolean signed = token.isSignedBy(keys.primary()) | token.isSignedBy(keys.secondary());
    Optional<Authentication> obstacle = obstacle(registered);
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    if (!(method instanceof SasKeys)) {
      return refused("expected a client certificate, found a token");
    }
    if (!signed) {
      return refused("the token is signed with none of its keys");
    }
    if (!token.identity().id().equalsIgnoreCase(claimed.id())) {
      return refused("the token is that of " + token.identity());
    }
    if (!isOurs(token.host())) {
      return refused("the token is for another hub than " + hubName);
    }
    Instant until = until(token);
    return until.isBefore(clock.instant())
        ? refused("the token was good until " + token.expiresAt())
        : new Authentication.Accepted(until);
  }

  private boolean isOurs(String host) {
    return hubName.equalsIgnoreCase(host)
        || certificates.names().stream().anyMatch(host::equalsIgnoreCase);
  }

  private static Instant until(SasToken token) {
    return token.expiresAt().isAfter(Instant.MAX.minus(SKEW))
        ? Instant.MAX
        : token.expiresAt().plus(SKEW);
  }

  private Authentication certificate(
      Identity claimed, Optional<RegisteredIdentity> registered, List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      return refused("expected a client certificate, found none");
    }
    if (claimed instanceof ModuleIdentity) {
      return refused("expected a token: modules do not prove who they are by a certificate");
    }
    Optional<Authentication> obstacle = obstacle(registered);
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    X509Certificate own = chain.get(0);
    try {
      own.checkValidity(Date.from(clock.instant()));
      return certificate(claimed, registered.get().method(), own, chain);
    } catch (CertificateException outOfDate) {
      return refused("the certificate is not valid now: " + outOfDate.getMessage());
    } catch (GeneralSecurityException unreadable) {
      return refused("the certificate cannot be read: " + unreadable.getMessage());
    }
  }

  private Authentication certificate(
      Identity claimed,
      AuthenticationMethod method,
      X509Certificate own,
      List<X509Certificate> chain)
      throws GeneralSecurityException {
    Instant until = own.getNotAfter().toInstant();
    if (method instanceof Thumbprints prints) {
      return isOneOf(prints, own)
          ? new Authentication.Accepted(until)
          : refused("the certificate has none of its thumbprints");
    }
    if (!(method instanceof Authority)) {
      return refused("expected a token, found a client certificate");
    }
    if (!commonName(own).equals(Optional.of(claimed.deviceId()))) {
      return refused("the certificate is for another common name");
    }
    return certificates.isTrusted(chain)
        ? new Authentication.Accepted(until)
        : refused("the certificate comes from no authority that this gateway trusts");
  }

  private static boolean isOneOf(Thumbprints prints, X509Certificate own)
      throws GeneralSecurityException {
    boolean found = false;
    for (String algorithm : List.of("SHA-1", "SHA-256")) {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(own.getEncoded());
      byte[] text = HexFormat.of().withUpperCase().formatHex(digest).getBytes(US_ASCII);
      found |= MessageDigest.isEqual(text, prints.primary().getBytes(US_ASCII));
      found |=
          prints
              .secondary()
              .map(second -> MessageDigest.isEqual(text, second.getBytes(US_ASCII)))
              .orElse(false);
    }
    return found;
  }

  private static Optional<String> commonName(X509Certificate own) {
    try {
      return new LdapName(own.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(part -> part.getType().equalsIgnoreCase("CN"))
              .map(part -> part.getValue().toString())
              .findFirst();
    } catch (InvalidNameException unreadable) {
      return Optional.empty();
    }
  }
}
