package io.gantry.module.host.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Certificates in PEM files (RFC 7468). */
final class PemFiles {

  private PemFiles() {}

  /** All certificates of the files, at least one of each. */
  static Set<X509Certificate> read(String setting, List<Path> files) throws IOException {
    Set<X509Certificate> all = new LinkedHashSet<>();
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        int before = all.size();
        for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          all.add((X509Certificate) c);
        }
        if (all.size() == before) {
          throw new CertificateException("there is no other certificate in it");
        }
      } catch (CertificateException e) {
        throw new IOException(
            setting + ": expected certificates in PEM in " + file + ": " + e.getMessage(), e);
      } catch (IOException e) {
        throw new IOException(setting + ": " + file + " cannot be read: " + e, e);
      }
    }
    return all;
  }

  /** Trust in these authorities beside those of Java; empty for no more than those. */
  static Optional<SSLContext> context(Set<X509Certificate> authorities) throws IOException {
    if (authorities.isEmpty()) {
      return Optional.empty();
    }
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager x509) {
          authorities.addAll(List.of(x509.getAcceptedIssuers()));
        }
      }
      for (X509Certificate authority : authorities) {
        store.setCertificateEntry("authority" + store.size(), authority);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new IOException("repositoryAuthorities: they cannot be used: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
