package io.gantry.spi.session;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** A whiteboard service: a server socket of the runtime, for {@code gantry status}. */
@ConsumerType
public interface Listener {

  /** What is spoken there, for example {@code mqtt}. */
  String protocol();

  /**
   * Where it listens, as {@code scheme://host:port} with the real port; empty while it does not.
   */
  Optional<String> endpoint();

  /** Why it does not listen; empty when it does or has not tried yet. */
  Optional<String> problem();

  /** Clients connected now. */
  int connections();

  /** Whether the gateway is ready only with it; the problem of another one is a warning. */
  default boolean required() {
    return true;
  }
}
