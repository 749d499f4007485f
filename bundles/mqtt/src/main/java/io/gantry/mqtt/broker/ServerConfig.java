package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.TopicRights;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * What an operator sets.
 *
 * @param plain the door without encryption, for this machine only; empty for none
 * @param tls the door for everybody; empty for none
 * @param anonymous whether clients of this machine may come in without showing anything
 * @param rights what identities may do on free topics
 * @param connections how many there may be at a time
 * @param connectionsPerAddress how many from one address
 * @param backlog bounds of what waits for one subscriber of free topics
 * @param sessionExpirySeconds how long a persistent session without a connection is kept
 */
public record ServerConfig(
    Optional<Address> plain,
    Optional<Address> tls,
    boolean anonymous,
    TopicRights rights,
    int connections,
    int connectionsPerAddress,
    Limits.Backlog backlog,
    int sessionExpirySeconds) {

  /**
   * Where a door is.
   *
   * @param scheme of its address, {@code mqtt} or {@code mqtts}
   * @param host to listen at
   * @param port 0 for any free one
   */
  public record Address(String scheme, String host, int port) {

    private static final String PLAIN = "mqtt";

    public Address {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
      }
      if (host.isBlank()) {
        throw new IllegalArgumentException("host: expected an address, found nothing");
      }
    }

    /** Of the door without encryption. */
    public static Address plain(String host, int port) {
      return new Address(PLAIN, host, port);
    }

    /** Of the door with TLS. */
    public static Address tls(String host, int port) {
      return new Address("mqtts", host, port);
    }

    boolean isPlain() {
      return scheme.equals(PLAIN);
    }

    /** What an operator changes to move it. */
    String setting() {
      return isPlain() ? "port" : "tlsPort";
    }

    /** Why this address must not be listened at; empty when it may. */
    Optional<String> refusal() {
      try {
        InetAddress found = InetAddress.getByName(host);
        return !isPlain() || found.isLoopbackAddress()
            ? Optional.empty()
            : Optional.of(
                "io.gantry.mqtt: host: expected a loopback address such as 127.0.0.1, found '"
                    + host
                    + "'; there is no encryption here, so nobody outside may come. Not listening;"
                    + " tlsHost and tlsPort are for those outside");
      } catch (UnknownHostException unknown) {
        return Optional.of(
            "io.gantry.mqtt: host: '" + host + "' is unknown. Not listening; set an address");
      }
    }
  }

  public ServerConfig {
    requirePositive("connections", connections);
    requirePositive("connectionsPerAddress", connectionsPerAddress);
    requirePositive("sessionExpirySeconds", sessionExpirySeconds);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected 1 or more, found " + value);
    }
  }
}
