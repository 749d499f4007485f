package io.gantry.web.server;

/**
 * What an operator sets.
 *
 * @param host address to listen at
 * @param port 0 for any free one
 * @param maxConnections how many there may be at a time
 * @param maxConnectionsPerAddress of them from one address
 */
public record ServerConfig(
    String host, int port, int maxConnections, int maxConnectionsPerAddress) {

  public ServerConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host: expected an address, found nothing");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    requirePositive("maxConnections", maxConnections);
    requirePositive("maxConnectionsPerAddress", maxConnectionsPerAddress);
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + ": expected 1 or more, found " + value);
    }
  }
}
