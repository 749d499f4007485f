package io.gantry.security.source;

import io.gantry.security.name.HostNames;
import io.gantry.security.pem.Pem;
import io.gantry.security.pem.Purpose;
import io.gantry.security.pem.ServerKey;
import io.gantry.security.pem.ServerNames;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A key and a certificate that the operator provides, and replaces in time. */
public final class GivenKeys implements KeySource {

  private static final Logger LOG = LoggerFactory.getLogger(GivenKeys.class);

  private final Path certificate;
  private final Path key;
  private final HostNames names;
  private final InstantSource clock;

  public GivenKeys(Path certificate, Path key, HostNames names, InstantSource clock) {
    this.certificate = certificate;
    this.key = key;
    this.names = names;
    this.clock = clock;
  }

  @Override
  public ServerKey open() throws IOException {
    return renew();
  }

  @Override
  public ServerKey renew() throws IOException {
    Pem certificates = Pem.read("certificate", certificate);
    ServerKey given = ServerKey.read(certificates, Pem.read("key", key));
    Instant now = clock.instant();
    for (X509Certificate each : given.chain()) {
      if (!now.isBefore(each.getNotAfter().toInstant())) {
        throw new IOException(
            certificates.name()
                + ": "
                + each.getSubjectX500Principal()
                + " expired at "
                + each.getNotAfter().toInstant());
      }
    }
    if (!Purpose.SERVER.isAllowedBy(given.certificate())) {
      throw new IOException(
          certificates.name()
              + ": "
              + given.certificate().getSubjectX500Principal()
              + " is not for servers (extended key usage)");
    }
    warn(certificates.name(), given.certificate(), now);
    return given;
  }

  /** What may be meant so, or may come right by itself. */
  private void warn(String name, X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    if (now.isBefore(begin)) {
      LOG.warn("{}: not valid before {}, and the clock says {}", name, begin, now);
    }
    Set<String> good = ServerNames.of(certificate);
    if (!good.contains(names.hostName())) {
      LOG.warn(
          "{}: good for {}, not for this gateway's host name {}: clients that look for that will"
              + " refuse it",
          name,
          good,
          names.hostName());
    }
  }

  /** The last one of the chain, if it is one that nobody else vouches for. */
  @Override
  public Optional<X509Certificate> authority(ServerKey key) {
    X509Certificate last = key.chain().get(key.chain().size() - 1);
    return ServerKey.isSignedBy(last, last) ? Optional.of(last) : Optional.empty();
  }
}
