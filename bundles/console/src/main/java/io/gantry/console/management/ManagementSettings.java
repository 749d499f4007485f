package io.gantry.console.management;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the management API listens and where it leaves its address.
 *
 * @param host a loopback address: the token is all that protects it
 * @param port 0 for any free one
 * @param run the folder of {@code management.properties}
 * @param metricsToken the file of the token that opens the metrics and nothing else
 */
public record ManagementSettings(String host, int port, Path run, Optional<Path> metricsToken) {

  /** One that opens the metrics to nobody who may not do everything. */
  public ManagementSettings(String host, int port, Path run) {
    this(host, port, run, Optional.empty());
  }

  public ManagementSettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    if (!run.isAbsolute()) {
      throw new IllegalArgumentException("run: expected an absolute path, found '" + run + "'");
    }
  }

  /** The address to bind. */
  InetSocketAddress address() throws UnknownHostException {
    InetAddress address = InetAddress.getByName(host);
    if (!address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "host: expected a loopback address, found '" + host + "'; the management API is local");
    }
    return new InetSocketAddress(address, port);
  }
}
