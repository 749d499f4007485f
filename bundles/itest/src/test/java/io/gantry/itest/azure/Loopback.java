package io.gantry.itest.azure;

import io.gantry.itest.distribution.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * An address of this machine for one gateway alone. The SDK knows no ports but 8883 and 443;
 * addresses there are enough, all of 127.0.0.0/8 being this machine.
 *
 * @param address written out
 * @param https whether port 443 may be had there: it can be the administrator's alone
 */
record Loopback(String address, boolean https) {

  static final int MQTT_PORT = 8883;
  static final int HTTPS_PORT = 443;

  private static final int TRIES = 20;
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() % 60_000));

  /** Another one at each call; without any, the test that asks is skipped. */
  static Loopback free() {
    for (int i = 0; i < TRIES; i++) {
      int number = NEXT.getAndIncrement();
      String address =
          "127." + (87 + Ports.FORK) + "." + (number / 250) % 250 + "." + (number % 250 + 2);
      if (isFree(address, MQTT_PORT)) {
        return new Loopback(address, isFree(address, HTTPS_PORT));
      }
    }
    return Assumptions.abort(
        "the SDK knows no MQTT port but 8883, and that is not free on any address of this machine");
  }

  private static boolean isFree(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** Skips the test where the SDK would have to reach 443 and the gateway may not listen there. */
  void assumeHttps() {
    Assumptions.assumeTrue(
        https,
        "the SDK knows no HTTPS port but 443, which this user may not bind (Linux:"
            + " net.ipv4.ip_unprivileged_port_start) or which is taken");
  }
}
