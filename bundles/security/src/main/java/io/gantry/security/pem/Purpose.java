package io.gantry.security.pem;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a certificate may be used for (RFC 5280, 4.2.1.12). */
public enum Purpose {
  SERVER("1.3.6.1.5.5.7.3.1"),
  CLIENT("1.3.6.1.5.5.7.3.2");

  private static final String ANY = "2.5.29.37.0";

  private final String id;

  Purpose(String id) {
    this.id = id;
  }

  /** Whether the certificate says so, or says nothing about purposes. */
  public boolean isAllowedBy(X509Certificate certificate) {
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      return purposes == null || purposes.contains(id) || purposes.contains(ANY);
    } catch (CertificateParsingException e) {
      return false;
    }
  }
}
