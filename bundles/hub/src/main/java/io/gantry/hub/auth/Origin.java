package io.gantry.hub.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where somebody comes from, as far as it cannot be changed at will: an IPv4 address, or a network
 * of 64 bits, the least that a host with IPv6 has for itself alone (RFC 4291, 2.5.4).
 */
record Origin(String network) {

  private static final int NETWORK_BYTES = 8;

  static Origin of(InetAddress address) {
    return new Origin(
        address instanceof Inet6Address && !address.isLoopbackAddress()
            ? HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES)) + "/64"
            : address.getHostAddress());
  }

  @Override
  public String toString() {
    return network;
  }
}
