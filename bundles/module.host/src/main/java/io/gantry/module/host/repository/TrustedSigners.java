package io.gantry.module.host.repository;

import io.gantry.module.host.fetch.FetchException;
import io.gantry.module.host.index.ContentException;
import io.gantry.module.host.index.JarBounds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipException;

/**
 * Those who may sign jars: everything in a jar must be signed by a chain of certificates that ends
 * in one of these. Nobody is asked over the network, also not for revocations: a gateway may be
 * alone for days, and a signer that is no longer trusted is taken out of the files. Any thread.
 */
final class TrustedSigners {

  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  private static final String ANY_USE = "2.5.29.37.0";

  private final Set<X509Certificate> trusted;
  private final InstantSource clock;

  TrustedSigners(Set<X509Certificate> trusted, InstantSource clock) {
    this.trusted = Set.copyOf(trusted);
    this.clock = clock;
  }

  /**
   * Looks at a jar.
   *
   * @throws FetchException when it is not signed as it should be
   */
  void check(Path file) throws IOException {
    if (trusted.isEmpty()) {
      throw FetchException.lasting(
          "is refused: its repository demands a signature, and trustedSigners names nobody");
    }
    try {
      JarBounds.check(file);
      checkEntries(file);
    } catch (ContentException | ZipException e) {
      throw FetchException.lasting("is refused: " + e.getMessage());
    } catch (SecurityException e) {
      throw FetchException.lasting(
          "is refused: it was changed after it was signed: " + e.getMessage());
    }
  }

  private void checkEntries(Path file) throws IOException {
    JarBounds bounds = new JarBounds();
    Set<String> names = new HashSet<>();
    Set<List<? extends Certificate>> good = new LinkedHashSet<>();
    try (JarFile jar = new JarFile(file.toFile(), true)) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (!names.add(entry.getName())) {
          throw FetchException.lasting("is refused: it has two entries named " + entry.getName());
        }
        if (!entry.isDirectory() && !isAboutSignatures(entry.getName())) {
          check(jar, entry, bounds, good);
        }
      }
    }
  }

  /** Signers are known once an entry was read to its end. */
  private void check(
      JarFile jar, JarEntry entry, JarBounds bounds, Set<List<? extends Certificate>> good)
      throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      bounds.unpack(in);
    }
    CodeSigner[] signers = entry.getCodeSigners();
    if (signers == null) {
      throw FetchException.lasting(
          "is refused: its repository demands a signature, and its entry "
              + entry.getName()
              + " is not signed, or by a method that is no longer secure");
    }
    List<String> reasons = new ArrayList<>();
    for (CodeSigner signer : signers) {
      List<? extends Certificate> chain = signer.getSignerCertPath().getCertificates();
      if (good.contains(chain)) {
        return;
      }
      String reason = refusal(chain);
      if (reason.isEmpty()) {
        good.add(chain);
        return;
      }
      reasons.add(reason);
    }
    throw FetchException.lasting("is refused: " + String.join("; ", reasons));
  }

  /** The files that hold the signature cannot be signed themselves (JAR file specification). */
  private static boolean isAboutSignatures(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    if (!upper.startsWith("META-INF/") || upper.indexOf('/', 9) >= 0) {
      return false;
    }
    String simple = upper.substring(9);
    return simple.equals("MANIFEST.MF")
        || simple.startsWith("SIG-")
        || simple.matches(".*\\.(SF|RSA|DSA|EC)");
  }

  /** Why a chain, the signer's own certificate first, is not trusted; empty when it is. */
  private String refusal(List<? extends Certificate> chain) {
    Instant now = clock.instant();
    X509Certificate signer = (X509Certificate) chain.get(0);
    String who = "its signer " + signer.getSubjectX500Principal();
    List<X509Certificate> below = new ArrayList<>();
    for (Certificate certificate : chain) {
      X509Certificate x509 = (X509Certificate) certificate;
      if (now.isBefore(x509.getNotBefore().toInstant())) {
        return who + " shows a certificate that is not valid yet";
      }
      if (now.isAfter(x509.getNotAfter().toInstant())) {
        return who + " shows a certificate that was valid until " + x509.getNotAfter().toInstant();
      }
      if (trusted.contains(x509)) {
        break;
      }
      below.add(x509);
    }
    try {
      if (!maySign(signer)) {
        return who + " has a certificate for other purposes (key usage)";
      }
      return below.isEmpty() || leadsToTrusted(below, now)
          ? ""
          : who + " is not among the trustedSigners, nor does one of them vouch for it";
    } catch (GeneralSecurityException e) {
      return who + " shows certificates that cannot be understood: " + e.getMessage();
    }
  }

  private static boolean maySign(X509Certificate signer) throws GeneralSecurityException {
    boolean[] usage = signer.getKeyUsage();
    List<String> extended = signer.getExtendedKeyUsage();
    return (usage == null || usage[0])
        && (extended == null || extended.contains(CODE_SIGNING) || extended.contains(ANY_USE));
  }

  private boolean leadsToTrusted(List<X509Certificate> chain, Instant now)
      throws GeneralSecurityException {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate authority : trusted) {
      if (!now.isAfter(authority.getNotAfter().toInstant())
          && authority.getBasicConstraints() >= 0) {
        anchors.add(new TrustAnchor(authority, null));
      }
    }
    if (anchors.isEmpty()) {
      return false;
    }
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    try {
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
      return true;
    } catch (CertPathValidatorException | CertificateException e) {
      return false;
    }
  }
}
