package io.gantry.spi.session;

import java.net.InetSocketAddress;
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

  /** Whether it shall listen at all: what an operator has switched off is not shown. */
  default boolean wanted() {
    return true;
  }

  /** The text of an {@link #endpoint}: every address of this machine is {@code 0.0.0.0}. */
  static String endpoint(String scheme, InetSocketAddress at) {
    String host =
        at.getAddress().isAnyLocalAddress() ? "0.0.0.0" : at.getAddress().getHostAddress();
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + shown + ":" + at.getPort();
  }
}
