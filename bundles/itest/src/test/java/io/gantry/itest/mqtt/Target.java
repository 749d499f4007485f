package io.gantry.itest.mqtt;

import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where a client connects to, on 127.0.0.1.
 *
 * @param trust for TLS; empty for none
 */
record Target(int port, Optional<TrustManagerFactory> trust) {

  /** The same through something in between. */
  Target by(Cable cable) {
    return new Target(cable.port(), trust);
  }
}
