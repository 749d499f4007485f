package io.gantry.security.source;

import io.gantry.security.name.Address;
import io.gantry.security.name.HostNames;
import io.gantry.security.pem.ServerKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.AuthorityKeyIdentifierExtension;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.ExtendedKeyUsageExtension;
import org.wildfly.security.x500.cert.KeyUsage;
import org.wildfly.security.x500.cert.KeyUsageExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.SubjectKeyIdentifierExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;
import org.wildfly.security.x500.cert.util.KeyUtil;

/**
 * Makes keys (EC on P-256) and their certificates. The only class that knows the library for it,
 * and loaded only when there is something to make.
 *
 * <p>A gateway without a battery may start long before its clock is right. No clock of ours is
 * right before {@link #WRITTEN}: what is made then is dated as if it were made on that day.
 */
final class CertificateMaker {

  /** Of the day that this was written. */
  static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");

  static final Period AUTHORITY_LIFE = Period.ofYears(20);
  static final Duration SERVER_LIFE = Duration.ofDays(90);

  /** Clocks of devices may be slow. */
  private static final Duration SLOW = Duration.ofDays(1);

  private static final String SIGNATURE = "SHA256withECDSA";
  private static final String FOR_SERVERS = "1.3.6.1.5.5.7.3.1";

  /** The longest common name (RFC 5280, appendix A). */
  private static final int LONGEST_NAME = 64;

  private final SecureRandom random = new SecureRandom();

  /** An authority that signs servers only, no further authorities. */
  ServerKey authority(HostNames names, Instant now) throws CertificateException {
    KeyPair pair = pair();
    BigInteger serial = serial();
    // Two gateways of one name, or one that was set up anew, have authorities of different names.
    String id = HexFormat.of().formatHex(serial.toByteArray(), 1, 5);
    X500Principal name =
        new X500Principal("CN=" + common(names, 40) + " device authority " + id + ",O=Gantry");
    ZonedDateTime end = utc(later(now)).plus(AUTHORITY_LIFE);
    X509CertificateBuilder builder =
        builder(serial, pair.getPublic(), utc(WRITTEN), end)
            .setSubjectDn(name)
            .setIssuerDn(name)
            .setSigningKey(pair.getPrivate())
            .addExtension(new BasicConstraintsExtension(true, true, 0))
            .addExtension(new KeyUsageExtension(KeyUsage.keyCertSign, KeyUsage.cRLSign));
    return new ServerKey(pair.getPrivate(), List.of(build(builder)));
  }

  /** A server with these names, signed by the authority. */
  ServerKey server(HostNames names, ServerKey authority, Instant now) throws CertificateException {
    KeyPair pair = pair();
    X509Certificate issuer = authority.certificate();
    Instant end = later(now).plus(SERVER_LIFE);
    ZonedDateTime notAfter = utc(end.isBefore(authority.expiresAt()) ? end : authority.expiresAt());
    X509CertificateBuilder builder =
        builder(serial(), pair.getPublic(), utc(now.minus(SLOW)), notAfter)
            .setSubjectDn(new X500Principal("CN=" + common(names, LONGEST_NAME)))
            .setIssuerDn(issuer.getSubjectX500Principal())
            .setSigningKey(authority.key())
            .addExtension(new BasicConstraintsExtension(true, false, -1))
            .addExtension(new KeyUsageExtension(KeyUsage.digitalSignature))
            .addExtension(new ExtendedKeyUsageExtension(false, List.of(FOR_SERVERS)))
            .addExtension(new SubjectAlternativeNamesExtension(false, general(names)))
            .addExtension(
                new AuthorityKeyIdentifierExtension(
                    KeyUtil.getKeyIdentifier(issuer.getPublicKey()), List.of(), null));
    return new ServerKey(pair.getPrivate(), List.of(build(builder), issuer));
  }

  private static Instant later(Instant now) {
    return now.isBefore(WRITTEN) ? WRITTEN : now;
  }

  private static ZonedDateTime utc(Instant instant) {
    return instant.atZone(ZoneOffset.UTC);
  }

  private KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has P-256", e);
    }
  }

  /** 16 bytes, the first of them without its upper bit and never 0. */
  private BigInteger serial() {
    return new BigInteger(126, random).setBit(126);
  }

  private static String common(HostNames names, int longest) {
    return names.hostName().length() <= longest ? names.hostName() : "gateway";
  }

  private static List<GeneralName> general(HostNames names) {
    List<GeneralName> general = new ArrayList<>();
    for (String name : names.all()) {
      general.add(
          Address.isOne(name)
              ? new GeneralName.IPAddress(Address.bytes(name))
              : new GeneralName.DNSName(name));
    }
    return general;
  }

  private static X509CertificateBuilder builder(
      BigInteger serial, PublicKey key, ZonedDateTime notBefore, ZonedDateTime notAfter) {
    return new X509CertificateBuilder()
        .setSerialNumber(serial)
        .setPublicKey(key)
        .setNotValidBefore(notBefore)
        .setNotValidAfter(notAfter)
        .setSignatureAlgorithmName(SIGNATURE)
        .addExtension(new SubjectKeyIdentifierExtension(KeyUtil.getKeyIdentifier(key)));
  }

  private static X509Certificate build(X509CertificateBuilder builder) throws CertificateException {
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new CertificateException("the certificate cannot be made: " + e.getMessage(), e);
    }
  }
}
