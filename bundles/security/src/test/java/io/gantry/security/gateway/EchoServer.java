package io.gantry.security.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Sends back what it receives, and asks clients for a certificate without insisting. */
final class EchoServer implements AutoCloseable {

  private final SSLServerSocket listening;
  private final List<Socket> open = new ArrayList<>();
  private final BlockingQueue<List<X509Certificate>> shown = new LinkedBlockingQueue<>();

  EchoServer(SSLContext context) throws IOException {
    listening =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    listening.setWantClientAuth(true);
    daemon(this::accept);
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "echo");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** What the next client has shown; empty when nothing. */
  List<X509Certificate> shown() throws InterruptedException {
    List<X509Certificate> chain = shown.poll(60, TimeUnit.SECONDS);
    if (chain == null) {
      throw new AssertionError("no client has connected within 60 s");
    }
    return chain;
  }

  private void accept() {
    try {
      while (true) {
        SSLSocket socket = (SSLSocket) listening.accept();
        synchronized (open) {
          open.add(socket);
        }
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(SSLSocket socket) {
    try (socket) {
      socket.startHandshake();
      shown.add(peer(socket));
      InputStream in = socket.getInputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        socket.getOutputStream().write(b);
      }
    } catch (IOException e) {
      // The client's side says what went wrong.
    }
  }

  private static List<X509Certificate> peer(SSLSocket socket) {
    try {
      return Arrays.stream(socket.getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    synchronized (open) {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
