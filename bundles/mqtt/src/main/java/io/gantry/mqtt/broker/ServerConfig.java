package io.gantry.mqtt.broker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * What an operator sets.
 *
 * @param host address to listen at
 * @param port 0 for any free one
 * @param sessionExpirySeconds how long a persistent session without a connection is kept
 */
public record ServerConfig(
    String host, int port, Limits.Backlog backlog, int sessionExpirySeconds) {

  public ServerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    if (host.isBlank()) {
      throw new IllegalArgumentException("host: expected an address, found nothing");
    }
    if (sessionExpirySeconds < 1) {
      throw new IllegalArgumentException(
          "sessionExpirySeconds: expected 1 or more, found " + sessionExpirySeconds);
    }
  }

  /** Why this address must not be listened at; empty when it may. */
  Optional<String> refusal() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress()
          ? Optional.empty()
          : Optional.of(
              "io.gantry.mqtt: host: expected a loopback address such as 127.0.0.1, found '"
                  + host
                  + "'; clients are not authenticated yet, so nobody outside may reach them. Not"
                  + " listening");
    } catch (UnknownHostException unknown) {
      return Optional.of(
          "io.gantry.mqtt: host: '" + host + "' is unknown. Not listening; set an address");
    }
  }
}
