package io.gantry.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gantry.launcher.cli.Environment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A terminal, an installation, and a gateway that answers as the test tells it. */
abstract class CommandLine {

  @TempDir Path home;
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final ByteArrayOutputStream err = new ByteArrayOutputStream();
  final Map<String, String> variables = new HashMap<>();
  final List<String> requests = new CopyOnWriteArrayList<>();
  byte[] input = new byte[0];
  boolean terminal;
  HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    // One request may go on while another is answered.
    server.setExecutor(task -> new Thread(task).start());
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  int gantry(String... words) {
    Environment environment =
        new Environment(
            home,
            variables,
            new ByteArrayInputStream(input),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            terminal,
            Duration.ofSeconds(60));
    return Main.execute(List.of(words), environment);
  }

  String out() {
    return out.toString(UTF_8);
  }

  String err() {
    return err.toString(UTF_8);
  }

  void runningInstance(Path data) throws IOException {
    Files.createDirectories(data.resolve("run"));
    Files.writeString(
        data.resolve("run/management.properties"),
        "url=http://127.0.0.1:" + server.getAddress().getPort() + "\ntoken=secret\n");
  }

  void answer(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          record(exchange);
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  /** The instance does not tell how far a deployment is; nobody has to. */
  void silentDeployments() {
    server.createContext(
        "/v1/deployments/progress",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
  }

  private void record(HttpExchange exchange) throws IOException {
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Accept")
            + " "
            + exchange.getRequestHeaders().getFirst("Authorization")
            + " "
            + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
  }
}
