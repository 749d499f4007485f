package io.gantry.agent.client.task;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A blob service on this machine, with as much of its REST API as an upload needs, and its rules:
 * blocks go to the end of a blob that was made for it, and only with the right signature.
 */
final class BlobService implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, ByteArrayOutputStream> blobs = new TreeMap<>();
  private final Map<String, String> headers = new TreeMap<>();
  private final List<String> requests = new ArrayList<>();
  private final Deque<Integer> failures = new ArrayDeque<>();

  BlobService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  String container() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/store/logs";
  }

  /** The answer does not come to its end. */
  static final int ENDLESS = -2;

  /**
   * The next requests are answered like this; 0 lets one through, -1 ends its connection. A
   * redirect leads into another folder of this service.
   */
  synchronized void answer(int... statuses) {
    for (int status : statuses) {
      failures.add(status);
    }
  }

  synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  synchronized List<String> names() {
    return List.copyOf(blobs.keySet());
  }

  synchronized byte[] blob(String name) {
    return blobs.get(name).toByteArray();
  }

  String text(String name) {
    return new String(blob(name), UTF_8);
  }

  /** Type, media type and encoding that a blob was put with. */
  synchronized String properties(String name) {
    return headers.get(name);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    if (answer(exchange) == ENDLESS) {
      exchange.getResponseBody().write(' ');
      exchange.getResponseBody().flush();
    } else {
      exchange.close();
    }
  }

  private int answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String name = exchange.getRequestURI().getRawPath().substring("/store/logs/".length());
    byte[] body = exchange.getRequestBody().readAllBytes();
    boolean append = query.startsWith("comp=appendblock&");
    requests.add((append ? "append " : "put ") + body.length);
    Integer failure = failures.poll();
    if (failure != null && failure == -1) {
      return failure;
    }
    boolean refused = failure != null && failure > 0;
    int status = refused ? failure : put(exchange, query, name, append, body);
    if (status / 100 == 3) {
      exchange.getResponseHeaders().add("Location", container() + "/elsewhere?" + query);
    }
    if (status == 403) {
      exchange.getResponseHeaders().add("x-ms-error-code", "AuthorizationFailure");
    }
    exchange.sendResponseHeaders(status, failure != null && failure == ENDLESS ? 0 : -1);
    return failure == null ? 0 : failure;
  }

  private int put(HttpExchange exchange, String query, String name, boolean append, byte[] body) {
    if (!query.endsWith("sv=2020&sig=a%2Bb")) {
      return 403;
    }
    String type = exchange.getRequestHeaders().getFirst("x-ms-blob-type");
    if (!append) {
      headers.put(
          name,
          type
              + " "
              + exchange.getRequestHeaders().getFirst("x-ms-blob-content-type")
              + " "
              + exchange.getRequestHeaders().getFirst("x-ms-blob-content-encoding"));
      ByteArrayOutputStream blob = new ByteArrayOutputStream();
      blob.writeBytes(body);
      blobs.put(name, blob);
      return 201;
    }
    ByteArrayOutputStream blob = blobs.get(name);
    String position = exchange.getRequestHeaders().getFirst("x-ms-blob-condition-appendpos");
    if (!headers.get(name).startsWith("AppendBlob") || body.length > 4 << 20) {
      return 409;
    }
    if (blob.size() != Long.parseLong(position)) {
      return 412;
    }
    blob.writeBytes(body);
    return 201;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
