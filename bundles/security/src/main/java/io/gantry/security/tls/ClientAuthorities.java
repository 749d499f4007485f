package io.gantry.security.tls;

import io.gantry.security.pem.Pem;
import io.gantry.security.pem.Purpose;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorities that vouch for clients: those that the operator names, and no others. Our own
 * signs servers; a gateway that trusted what it can make itself would prove nothing. Nobody is
 * asked over the network, neither for certificates nor for revocations: a gateway may be alone for
 * days, and the registry is where an identity is disabled.
 */
public final class ClientAuthorities {

  /** Longest chain of a client that is looked at, its own certificate counted. */
  public static final int MAX_CHAIN = 8;

  private static final Logger LOG = LoggerFactory.getLogger(ClientAuthorities.class);

  private final Set<X509Certificate> authorities;

  private ClientAuthorities(Set<X509Certificate> authorities) {
    this.authorities = authorities;
  }

  /** Reads files of one or more certificates each. */
  public static ClientAuthorities read(List<Path> files) throws IOException {
    Set<X509Certificate> authorities = new LinkedHashSet<>();
    for (Path file : files) {
      Pem pem = Pem.read("client authority", file);
      for (X509Certificate certificate : pem.certificates()) {
        if (certificate.getBasicConstraints() < 0) {
          throw new IOException(
              pem.name()
                  + ": "
                  + certificate.getSubjectX500Principal()
                  + " is no authority: it may not sign certificates");
        }
        authorities.add(certificate);
      }
    }
    return new ClientAuthorities(authorities);
  }

  /** Whether a chain, the client's own certificate first, leads to one of the authorities now. */
  public boolean vouchFor(List<X509Certificate> chain, Instant now) {
    Set<TrustAnchor> anchors = anchors(now);
    if (anchors.isEmpty() || chain.isEmpty() || chain.size() > MAX_CHAIN) {
      return false;
    }
    X509Certificate client = chain.get(0);
    if (!Purpose.CLIENT.isAllowedBy(client)) {
      return refuse(client, "it is not for clients (extended key usage)");
    }
    try {
      CertPathBuilder.getInstance("PKIX").build(parameters(anchors, chain, now));
      return true;
    } catch (CertPathBuilderException e) {
      return refuse(client, e.getMessage());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java builds paths of certificates", e);
    }
  }

  /** Who made it is the log's business, not the client's. */
  private static boolean refuse(X509Certificate client, String why) {
    LOG.debug("the certificate of {} is not trusted: {}", client.getSubjectX500Principal(), why);
    return false;
  }

  /** The standard does not look at the dates of an anchor. */
  private Set<TrustAnchor> anchors(Instant now) {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate authority : authorities) {
      if (!now.isBefore(authority.getNotBefore().toInstant())
          && !now.isAfter(authority.getNotAfter().toInstant())) {
        anchors.add(new TrustAnchor(authority, null));
      }
    }
    return anchors;
  }

  private static PKIXBuilderParameters parameters(
      Set<TrustAnchor> anchors, List<X509Certificate> chain, Instant now)
      throws GeneralSecurityException {
    X509CertSelector client = new X509CertSelector();
    client.setCertificate(chain.get(0));
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, client);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
    parameters.setDate(Date.from(now));
    parameters.setRevocationEnabled(false);
    parameters.setMaxPathLength(MAX_CHAIN);
    return parameters;
  }
}
