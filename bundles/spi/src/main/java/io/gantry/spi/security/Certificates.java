package io.gantry.spi.security;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The certificate that this gateway shows to its clients, and those it trusts. Made at the first
 * start by an authority of its own, or given by the operator. Safe for use by any number of
 * threads.
 */
@ProviderType
public interface Certificates {

  /** The name by which clients reach this gateway. */
  String hostName();

  /** All names and addresses that the certificate is good for, the host name among them. */
  Set<String> names();

  /**
   * For servers: TLS 1.2 and 1.3. A handshake gets the newest certificate, whatever name the client
   * asks for; connections that are open stay. A client that shows a certificate must hold its key;
   * whether it is trusted is asked later.
   */
  SSLContext serverContext();

  /** What servers show, their own certificate first. */
  List<X509Certificate> chain();

  /** The authority that clients must trust; empty when the operator gave a chain without it. */
  Optional<X509Certificate> authority();

  /** Whether a client's certificate is valid now and comes from an authority that we trust. */
  boolean isTrusted(List<X509Certificate> chain);

  /**
   * Makes a new server certificate, or reads that of the operator again.
   *
   * @throws IOException when that is impossible; then the former one stays. The text is for a
   *     person
   */
  void renew() throws IOException;
}
