package io.gantry.hub.auth;

import io.gantry.spi.identity.AuthenticationMethod;
import io.gantry.spi.identity.AuthenticationMethod.Authority;
import io.gantry.spi.identity.AuthenticationMethod.Thumbprints;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * When a certificate is good, whose key the client has shown to hold: a device's, within its dates,
 * and known by its thumbprint, or of an authority that is trusted and in the device's name.
 */
final class CertificateRule {

  /** A thumbprint of this length is one of SHA-1, longer ones are of SHA-256. */
  private static final int SHA_1_DIGITS = 40;

  private final Predicate<List<X509Certificate>> trusted;
  private final InstantSource clock;

  /**
   * @param trusted whether a chain comes from an authority that is trusted
   */
  CertificateRule(Predicate<List<X509Certificate>> trusted, InstantSource clock) {
    this.trusted = trusted;
    this.clock = clock;
  }

  /**
   * Examines a certificate.
   *
   * @param method how the claimed identity proves itself; empty when nobody knows it
   */
  Authentication examine(
      Identity claimed, Optional<AuthenticationMethod> method, List<X509Certificate> chain) {
    if (!(claimed instanceof DeviceIdentity)) {
      return refused("only devices prove themselves with certificates");
    }
    if (method.isEmpty() || chain.isEmpty()) {
      return refused(
          method.isEmpty() ? "there is no such identity" : "it has shown no certificate");
    }
    X509Certificate leaf = chain.get(0);
    Instant until = leaf.getNotAfter().toInstant();
    Instant now = clock.instant();
    if (now.isBefore(leaf.getNotBefore().toInstant()) || now.isAfter(until)) {
      return refused(
          "its certificate is good from " + leaf.getNotBefore().toInstant() + " to " + until);
    }
    return objection(claimed, method.get(), chain)
        .<Authentication>map(CertificateRule::refused)
        .orElse(new Accepted(until));
  }

  private Optional<String> objection(
      Identity claimed, AuthenticationMethod method, List<X509Certificate> chain) {
    if (method instanceof Thumbprints thumbprints) {
      return isOne(thumbprints, chain.get(0))
          ? Optional.empty()
          : Optional.of("its certificate has neither of the thumbprints");
    }
    if (!(method instanceof Authority)) {
      return Optional.of("it proves itself with tokens, and has shown a certificate");
    }
    Optional<String> name =
        commonName(chain.get(0).getSubjectX500Principal().getName(X500Principal.RFC2253));
    if (name.filter(claimed.deviceId()::equals).isEmpty()) {
      return Optional.of("the common name of its certificate is not the device id");
    }
    return trusted.test(chain)
        ? Optional.empty()
        : Optional.of("its certificate comes from no authority that is trusted");
  }

  private static boolean isOne(Thumbprints thumbprints, X509Certificate leaf) {
    return isOne(thumbprints.primary(), leaf)
        || thumbprints.secondary().filter(thumbprint -> isOne(thumbprint, leaf)).isPresent();
  }

  private static boolean isOne(String thumbprint, X509Certificate leaf) {
    String algorithm = thumbprint.length() == SHA_1_DIGITS ? "SHA-1" : "SHA-256";
    try {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(leaf.getEncoded());
      return HexFormat.of().withUpperCase().formatHex(digest).equals(thumbprint);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Empty also when there are several: who it is must be beyond doubt. */
  static Optional<String> commonName(String subject) {
    try {
      List<Rdn> names =
          new LdapName(subject)
              .getRdns().stream().filter(rdn -> rdn.getType().equalsIgnoreCase("CN")).toList();
      return names.size() == 1 && names.get(0).getValue() instanceof String text
          ? Optional.of(text)
          : Optional.empty();
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  private static Refused refused(String text) {
    return new Refused(false, text);
  }
}
