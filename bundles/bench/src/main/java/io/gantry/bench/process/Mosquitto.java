package io.gantry.bench.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * An Eclipse Mosquitto without persistence and otherwise as it comes, for comparison. It is a
 * process of our own: a Mosquitto that the machine runs as a service is left alone.
 */
public final class Mosquitto implements Broker {

  private static final int TOKEN_LENGTH = 140;
  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 50;
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/sbin/mosquitto"),
          Path.of("/usr/local/sbin/mosquitto"),
          Path.of("/usr/bin/mosquitto"));

  private final TemporaryFolder folder;
  private final Process process;
  private final int port;

  private Mosquitto(TemporaryFolder folder, Process process, int port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
  }

  /** The program, where this machine has it. */
  public static Optional<Path> program() {
    return PLACES.stream().filter(Files::isExecutable).findFirst();
  }

  /** Starts one and waits until it listens. */
  public static Mosquitto start(Path program) throws IOException, InterruptedException {
    return start(program, "");
  }

  /** Starts one that speaks TLS only, and waits until it listens. */
  public static Mosquitto start(Path program, ServerCertificate certificate)
      throws IOException, InterruptedException {
    return start(
        program, "certfile " + certificate.certificate() + "\nkeyfile " + certificate.key() + "\n");
  }

  private static Mosquitto start(Path program, String listener)
      throws IOException, InterruptedException {
    TemporaryFolder folder = new TemporaryFolder("mosquitto");
    int port = freePort();
    Path config = folder.path().resolve("mosquitto.conf");
    Files.writeString(
        config,
        "listener "
            + port
            + " 127.0.0.1\n"
            + listener
            + "allow_anonymous true\npersistence false\nlog_dest none\nuser "
            + System.getProperty("user.name")
            + "\n");
    Process process =
        new ProcessBuilder(program.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Mosquitto mosquitto = new Mosquitto(folder, process, port);
    try {
      mosquitto.awaitListening();
      return mosquitto;
    } catch (IOException | InterruptedException e) {
      mosquitto.close();
      throw e;
    }
  }

  private void awaitListening() throws IOException, InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      if (process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("mosquitto ended at once with code " + process.exitValue());
      }
      try (SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        if (channel.isConnected()) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
        continue;
      }
    }
    throw new IOException("mosquitto does not listen on port " + port + " after 5 s");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public int port() {
    return port;
  }

  /** It lets in everybody, and reads what they show. */
  @Override
  public List<Account> accounts(String prefix, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> Account.of(prefix + i, "gantry.local", "t".repeat(TOKEN_LENGTH)))
        .toList();
  }

  @Override
  public ProcessFigures figures() {
    return new ProcessFigures(process.pid());
  }

  @Override
  public String check(long acknowledged) {
    return "";
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
    folder.close();
  }
}
