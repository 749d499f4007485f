package io.gantry.security.source;

import io.gantry.security.pem.ServerKey;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Where the gateway's key and certificate come from. Used by one thread at a time. The texts of its
 * exceptions are for a person.
 */
public interface KeySource {

  /** At the start: what is there, if it is still good for something. */
  ServerKey open() throws IOException;

  /** A new one. */
  ServerKey renew() throws IOException;

  /** Whom clients have to trust in order to trust such a key. */
  Optional<X509Certificate> authority(ServerKey key);
}
