package io.gantry.security;

import io.gantry.security.name.Address;
import io.gantry.security.pem.Pem;
import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.ExtendedKeyUsageExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/** Certificates of every kind, right and wrong, as operators and devices have them. */
public final class Made {

  public static final String FOR_SERVERS = "1.3.6.1.5.5.7.3.1";
  public static final String FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";

  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final String subject;
  private String algorithm = "EC";
  private @Nullable ServerKey issuer;
  private boolean authority;
  private boolean purposesCritical;
  private List<String> purposes = List.of();
  private List<String> names = List.of();
  private Instant from = Instant.now().minus(Duration.ofDays(10));
  private Instant to = Instant.now().plus(Duration.ofDays(365));

  private Made(String subject) {
    this.subject = subject;
  }

  /** Valid now, of an EC key, signed by itself. */
  public static Made of(String commonName) {
    return new Made("CN=" + commonName);
  }

  public Made algorithm(String name) {
    algorithm = name;
    return this;
  }

  public Made by(ServerKey other) {
    issuer = other;
    return this;
  }

  public Made authority() {
    authority = true;
    return this;
  }

  public Made purposes(boolean critical, String... ids) {
    purposesCritical = critical;
    purposes = List.of(ids);
    return this;
  }

  public Made names(String... all) {
    names = List.of(all);
    return this;
  }

  public Made valid(Instant begin, Instant end) {
    from = begin;
    to = end;
    return this;
  }

  /** The chain ends with what signs itself. */
  public ServerKey make() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
      PrivateKey signer = issuer == null ? pair.getPrivate() : issuer.key();
      X500Principal name = new X500Principal(subject);
      X509CertificateBuilder builder =
          new X509CertificateBuilder()
              .setSerialNumber(BigInteger.valueOf(SERIAL.getAndIncrement()))
              .setSubjectDn(name)
              .setIssuerDn(issuer == null ? name : issuer.certificate().getSubjectX500Principal())
              .setNotValidBefore(from.atZone(ZoneOffset.UTC))
              .setNotValidAfter(to.atZone(ZoneOffset.UTC))
              .setPublicKey(pair.getPublic())
              .setSigningKey(signer)
              .setSignatureAlgorithmName(
                  signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
      if (authority) {
        builder.addExtension(new BasicConstraintsExtension(true, true, -1));
      }
      if (!purposes.isEmpty()) {
        builder.addExtension(new ExtendedKeyUsageExtension(purposesCritical, purposes));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            new SubjectAlternativeNamesExtension(
                false, names.stream().map(Made::general).toList()));
      }
      List<X509Certificate> chain = new ArrayList<>();
      chain.add(builder.build());
      if (issuer != null) {
        chain.addAll(issuer.chain());
      }
      return new ServerKey(pair.getPrivate(), chain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GeneralName general(String name) {
    return Address.isOne(name)
        ? new GeneralName.IPAddress(Address.bytes(name))
        : new GeneralName.DNSName(name);
  }

  /** Writes certificates into a file. */
  public static Path write(Path file, X509Certificate... certificates) throws IOException {
    return Files.writeString(file, Pem.text(Arrays.asList(certificates)));
  }

  /** Writes certificates into a file. */
  public static Path write(Path file, List<X509Certificate> certificates) throws IOException {
    return write(file, certificates.toArray(new X509Certificate[0]));
  }

  /** Writes a key into a file. */
  public static Path write(Path file, PrivateKey key) throws IOException {
    return Files.writeString(file, Pem.text(key));
  }
}
