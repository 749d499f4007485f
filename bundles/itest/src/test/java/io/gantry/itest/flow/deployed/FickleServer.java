package io.gantry.itest.flow.deployed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A repository over HTTP on loopback that works in one way or another. */
public final class FickleServer implements AutoCloseable {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final int PIECE = 8 << 10;
  private static final String INDEX = "index.xml";

  /** How it works. */
  public enum Mood {
    /** As it should. */
    GOOD,
    /** A piece now and a piece then. */
    SLOW,
    /** Each answer breaks off in its middle. */
    BREAKING,
    /** Each answer stops in its middle, and the connection stays. */
    STALLING,
    /** Nothing but 503. */
    FAILING,
    /** The index is there, the jars are not. */
    MISSING,
    /** The jars are not what the index says. */
    LYING
  }

  private final Path folder;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Mood mood = Mood.GOOD;
  private volatile boolean closed;

  /** Of the files in a folder. */
  public FickleServer(Path folder) {
    this.folder = folder;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/plant/", this::answer);
    server.start();
  }

  /** The address of the repository. */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/plant";
  }

  /** It works in this way from now on; what has stopped breaks off. */
  public void be(Mood next) {
    mood = next;
  }

  private void answer(HttpExchange exchange) throws IOException {
    Mood now = mood;
    try (exchange) {
      String name = exchange.getRequestURI().getPath().substring("/plant/".length());
      Path file = folder.resolve(name);
      boolean isIndex = name.equals(INDEX);
      if (now == Mood.FAILING) {
        exchange.sendResponseHeaders(503, -1);
      } else if (!Files.exists(file) || now == Mood.MISSING && !isIndex) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        send(exchange, file, isIndex && now == Mood.LYING ? Mood.GOOD : now);
      }
    }
  }

  private void send(HttpExchange exchange, Path file, Mood now) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String tag = "\"" + file.getFileName() + "\"";
    exchange.getResponseHeaders().set("ETag", tag);
    int from = from(exchange, tag, bytes.length);
    int length = bytes.length - from;
    if (now == Mood.LYING) {
      bytes[bytes.length / 2] ^= 1;
    }
    if (from > 0) {
      String range = "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length;
      exchange.getResponseHeaders().set("Content-Range", range);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
    boolean breaks = now == Mood.BREAKING || now == Mood.STALLING;
    int end = breaks ? from + length / 2 : bytes.length;
    OutputStream out = exchange.getResponseBody();
    for (int at = from; at < end; at += PIECE) {
      out.write(bytes, at, Math.min(PIECE, end - at));
      out.flush();
      if (now == Mood.SLOW) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    while (now == Mood.STALLING && mood == now && !closed) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    // What was promised and has not come breaks the connection.
  }

  /** Where a download goes on that broke off. */
  private static int from(HttpExchange exchange, String tag, int length) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String validator = exchange.getRequestHeaders().getFirst("If-Range");
    if (range == null || !range.matches("bytes=\\d+-") || !tag.equals(validator)) {
      return 0;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    return from < length ? from : 0;
  }

  @Override
  public void close() {
    closed = true;
    server.stop(0);
    threads.shutdownNow();
  }
}
