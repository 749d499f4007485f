package io.gantry.itest.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What is between a client and the broker, so that it can break without a word of the client. */
final class Cable implements AutoCloseable {

  private final ServerSocket server;
  private final int target;
  private final List<Socket> ends = new CopyOnWriteArrayList<>();

  private Cable(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** To a port of this machine. */
  static Cable to(int target) throws IOException {
    Cable cable = new Cable(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()), target);
    start(cable::accept, "cable");
    return cable;
  }

  private static void start(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = plug(server.accept());
        Socket broker = plug(new Socket(InetAddress.getLoopbackAddress(), target));
        start(() -> carry(client, broker), "to broker");
        start(() -> carry(broker, client), "to client");
      }
    } catch (IOException closed) {
      // Nobody connects any more.
    }
  }

  private Socket plug(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    ends.add(socket);
    return socket;
  }

  /** Until one end is closed; then both are. */
  private static void carry(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        to.getOutputStream().write(buffer, 0, count);
      }
    } catch (IOException cut) {
      // That is what a cable is for.
    }
  }

  /** Breaks the connections that there are; new ones are possible. */
  void cut() {
    for (Socket end : ends) {
      try {
        end.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    ends.clear();
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
