package io.gantry.itest.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free ports for servers that a test starts. They come from below the range that the system takes
 * for outgoing connections, so that none of those can be in the way when a server comes back. Test
 * classes run in several JVMs at once, each of which has ports of its own: what one has found to be
 * free no other one takes before the server does.
 */
public final class Ports {

  /** Which of the JVMs of a test run this is, from 1 on. */
  public static final int FORK = Integer.getInteger("surefire.forkNumber", 1);

  private static final int COUNT = 2_500;
  private static final int LOWEST = 20_000 + Math.floorMod(FORK - 1, 4) * COUNT;
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 37 % COUNT));

  private Ports() {}

  /** A port that nobody listens on, another one at each call. */
  public static int free() {
    for (int i = 0; i < COUNT; i++) {
      int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // taken: the next one
      }
    }
    throw new IllegalStateException("no free port from " + LOWEST + " on");
  }
}
