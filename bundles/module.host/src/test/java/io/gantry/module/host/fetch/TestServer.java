package io.gantry.module.host.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A server of files that also lies as it is told, and remembers what it was asked. */
public final class TestServer implements AutoCloseable {

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  /** What the server was asked. */
  public record Asked(String path, Map<String, List<String>> headers) {

    /** The value of a header. */
    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name)).map(values -> values.get(0));
    }
  }

  /** How a path is answered. */
  @FunctionalInterface
  public interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();

  /** A server of nothing. */
  public TestServer() throws IOException {
    this(HttpServer.create(address(), 0));
  }

  /** A server of nothing behind TLS. */
  public static TestServer secure(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(address(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new TestServer(server);
  }

  private TestServer(HttpServer server) {
    this.server = server;
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  static InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(new Asked(path, Map.copyOf(exchange.getRequestHeaders())));
    try (exchange) {
      behaviours.getOrDefault(path, status(404)).answer(exchange);
    }
  }

  /** For addresses as {@code http://127.0.0.1:port/path}. */
  public URI uri(String path) {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + port() + path);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** From now on the path is answered so. */
  public TestServer on(String path, Behaviour behaviour) {
    behaviours.put(path, behaviour);
    return this;
  }

  /** Serves the files that are in the folder now, each under its name behind the prefix. */
  public TestServer folder(String prefix, Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        on(prefix + file.getFileName(), file(Files.readAllBytes(file)));
      }
    }
    return this;
  }

  /** All requests so far. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** The requests of a path so far. */
  public List<Asked> asked(String path) {
    return asked.stream().filter(a -> a.path().equals(path)).toList();
  }

  public void forget() {
    asked.clear();
  }

  // ---- behaviours --------------------------------------------------------------------------

  /** Only the status. */
  public static Behaviour status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  /** A redirect. */
  public static Behaviour redirect(URI target) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", target.toString());
      exchange.sendResponseHeaders(302, -1);
    };
  }

  /** A good server of static files: entity tags, conditional requests, ranges. */
  public static Behaviour file(byte[] content) {
    String tag = '"' + HexFormat.of().toHexDigits(Arrays.hashCode(content)) + '"';
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      var headers = exchange.getRequestHeaders();
      if (tag.equals(headers.getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(304, -1);
        return;
      }
      Matcher range = RANGE.matcher(String.valueOf(headers.getFirst("Range")));
      String condition = headers.getFirst("If-Range");
      if (range.matches() && (condition == null || condition.equals(tag))) {
        part(exchange, content, Integer.parseInt(range.group(1)));
      } else {
        send(exchange, content);
      }
    };
  }

  /** Sends whatever part is wanted, and does not care of what. */
  public static Behaviour careless(byte[] content) {
    return exchange -> {
      Matcher range = RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
      if (range.matches()) {
        part(exchange, content, Integer.parseInt(range.group(1)));
      } else {
        send(exchange, content);
      }
    };
  }

  private static void part(HttpExchange exchange, byte[] content, int from) throws IOException {
    if (from >= content.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    exchange.sendResponseHeaders(206, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  /** Neither conditions nor ranges. */
  public static Behaviour plain(byte[] content) {
    return exchange -> send(exchange, content);
  }

  private static void send(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
    exchange.getResponseBody().write(content);
  }

  /** Says the whole length, sends a part, with the entity tag of the whole, and hangs up. */
  public static Behaviour brokenOff(byte[] content, int after) {
    return exchange -> {
      exchange
          .getResponseHeaders()
          .set("ETag", '"' + HexFormat.of().toHexDigits(Arrays.hashCode(content)) + '"');
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, after);
      exchange.getResponseBody().flush();
    };
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
