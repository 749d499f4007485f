package io.gantry.security.pem;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A private key with the certificate made for it.
 *
 * @param chain the key's own certificate first, then its issuers in order
 */
public record ServerKey(PrivateKey key, List<X509Certificate> chain) {

  private static final Duration WELL_BEFORE = Duration.ofDays(30);

  public ServerKey {
    chain = List.copyOf(chain);
  }

  /**
   * Reads key and certificates, which may stand in one file or in two, and sees whether they belong
   * together.
   */
  public static ServerKey read(Pem certificates, Pem key) throws IOException {
    ServerKey read = readUnseen(certificates, key);
    if (!read.belongsTogether()) {
      throw new IOException(
          key.name()
              + ": is not the key of the first certificate in "
              + certificates.name()
              + ", which is that of "
              + read.certificate().getSubjectX500Principal());
    }
    for (int i = 0; i + 1 < read.chain.size(); i++) {
      if (!isSignedBy(read.chain.get(i), read.chain.get(i + 1))) {
        throw new IOException(
            certificates.name()
                + ": certificate "
                + (i + 2)
                + " did not sign certificate "
                + (i + 1)
                + "; expected the gateway's own first, then its issuers in order");
      }
    }
    return read;
  }

  /** Reads them, and leaves it to the caller to see whether they belong together. */
  public static ServerKey readUnseen(Pem certificates, Pem key) throws IOException {
    return new ServerKey(key.privateKey(), certificates.certificates());
  }

  private boolean belongsTogether() {
    byte[] content = "whose key is this".getBytes(UTF_8);
    try {
      Signature signature = Signature.getInstance(algorithm());
      signature.initSign(key);
      signature.update(content);
      byte[] signed = signature.sign();
      signature.initVerify(certificate().getPublicKey());
      signature.update(content);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // Also: a key of one kind with a certificate of another.
      return false;
    }
  }

  private String algorithm() {
    return switch (key.getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> key.getAlgorithm();
    };
  }

  /** Whether one certificate was signed by the key of another, or of itself. */
  public static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The key's own. */
  public X509Certificate certificate() {
    return chain.get(0);
  }

  /** Key and certificates as one text: in one file they cannot fall apart. */
  public byte[] text() {
    return (Pem.text(key) + Pem.text(chain)).getBytes(UTF_8);
  }

  /** The first instant at which it is no longer good. */
  public Instant expiresAt() {
    return certificate().getNotAfter().toInstant();
  }

  /**
   * Whether it is time for the next one: a third of the life is left, at most 30 days; or the clock
   * was set to before its beginning.
   */
  public boolean isDue(Instant now) {
    Instant begin = certificate().getNotBefore().toInstant();
    Duration third = Duration.between(begin, expiresAt()).dividedBy(3);
    Duration before = third.compareTo(WELL_BEFORE) < 0 ? third : WELL_BEFORE;
    return now.isBefore(begin) || !now.isBefore(expiresAt().minus(before));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "ServerKey[" + certificate().getSubjectX500Principal() + ", " + expiresAt() + "]";
  }
}
