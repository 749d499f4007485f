package io.gantry.console.management;

import com.sun.net.httpserver.HttpServer;
import io.gantry.console.file.PrivateFile;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.execution.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management API on a listener of its own (decision record 0004). Its address and token stand
 * in a file that only the owner can read, from the moment it answers until it is closed.
 */
public final class ManagementServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
  private static final int BACKLOG = 16;

  /**
   * How long is waited.
   *
   * @param heartbeatMillis until who follows something gets a sign that it still goes on
   * @param closeMillis at the end for requests that are being answered
   */
  record Times(long heartbeatMillis, long closeMillis) {
    private static final Times USUAL = new Times(15_000, 1_000);
  }

  private final HttpServer server;
  private final Api api;
  private final Path file;
  private final String url;

  private ManagementServer(HttpServer server, Api api, Path file, String url) {
    this.server = server;
    this.api = api;
    this.file = file;
    this.url = url;
  }

  /**
   * Starts it.
   *
   * @param stop stops the framework; called on a thread of its own
   */
  public static ManagementServer start(
      ManagementSettings settings,
      Gateway gateway,
      ProcessFacts process,
      Threads threads,
      Runnable stop)
      throws IOException {
    return start(settings, gateway, process, threads, stop, Times.USUAL);
  }

  static ManagementServer start(
      ManagementSettings settings,
      Gateway gateway,
      ProcessFacts process,
      Threads threads,
      Runnable stop,
      Times times)
      throws IOException {
    ThreadFactory factory = threads.factory("management");
    HttpServer server = HttpServer.create(settings.address(), BACKLOG);
    Token token = Token.random();
    Optional<Token> forMetrics = kept(settings);
    String host = server.getAddress().getAddress().getHostAddress();
    String authority = (host.contains(":") ? "[::1]" : host) + ":" + server.getAddress().getPort();
    String url = "http://" + authority;
    Api api =
        new Api(
            gateway,
            process,
            new Guard(token, forMetrics, authority),
            Map.of("management", url),
            new EventsCall(gateway, times.heartbeatMillis()),
            new Followers(times.heartbeatMillis()),
            () -> factory.newThread(stop).start(),
            times.closeMillis());
    server.createContext("/", api);
    // Requests are few and may wait long (events, deployments): a thread for each.
    server.setExecutor(task -> factory.newThread(task).start());
    server.start();
    Path file = settings.run().resolve("management.properties");
    try {
      PrivateFile.write(file, "url=" + url + "\ntoken=" + token.text() + "\n");
    } catch (IOException e) {
      server.stop(0);
      throw new IOException("cannot write the address of the management API into " + file, e);
    }
    LOG.info("management API at {}", url);
    return new ManagementServer(server, api, file, url);
  }

  /** A file that cannot be read keeps monitoring out; it must not keep the operator out. */
  private static Optional<Token> kept(ManagementSettings settings) {
    try {
      return settings.metricsToken().isPresent()
          ? Optional.of(Token.kept(settings.metricsToken().get()))
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("monitoring cannot log in, the rest works: {}", e.getMessage(), e);
      return Optional.empty();
    }
  }

  /** Where it listens. */
  public String url() {
    return url;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    api.close();
    server.stop(0);
  }
}
