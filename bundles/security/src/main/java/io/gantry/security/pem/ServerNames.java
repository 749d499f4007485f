package io.gantry.security.pem;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The names in a server's certificate. */
public final class ServerNames {

  /** Kinds of names (RFC 5280, 4.2.1.6). */
  private static final int DNS = 2;

  private static final int ADDRESS = 7;

  private ServerNames() {}

  /** The names and addresses that it is good for, in lower case; none when it does not say. */
  public static Set<String> of(X509Certificate certificate) {
    Set<String> names = new LinkedHashSet<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> name : all == null ? List.<List<?>>of() : all) {
        if (name.get(0).equals(DNS) || name.get(0).equals(ADDRESS)) {
          names.add(name.get(1).toString().toLowerCase(Locale.ROOT));
        }
      }
    } catch (CertificateParsingException e) {
      // Then no client can read them either.
      return Set.of();
    }
    return names;
  }
}
