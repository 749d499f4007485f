package io.gantry.web.server;

import io.gantry.testkit.method.FakeMethods;
import io.gantry.testkit.security.FakeAuthenticator;
import io.gantry.testkit.security.FakeCertificates;
import io.gantry.testkit.session.FakeGateway;
import io.gantry.testkit.time.Await;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;

/** A server on a free port of this machine, with a hub and a clock in the hand of the test. */
final class Site implements AutoCloseable {

  static final String CALLER = "gateway/filter";
  static final String BODY = "{\"methodName\":\"reset\",\"payload\":{\"a\":1}}";

  final FakeCertificates certificates = new FakeCertificates();
  final FakeAuthenticator authenticator = new FakeAuthenticator();
  final FakeMethods methods = new FakeMethods();
  final FakeGateway hub = new FakeGateway("gateway");
  final ManualTime time = new ManualTime();
  final EchoProtocol mqtt = new EchoProtocol("mqtt");
  final WebServer server;

  Site() {
    this(100, 100);
  }

  Site(int maxConnections, int maxConnectionsPerAddress) {
    server =
        new WebServer(
            new ServerConfig("127.0.0.1", 0, maxConnections, maxConnectionsPerAddress),
            certificates,
            new ManualThreads(),
            time);
    server.hub().set(authenticator);
    server.hub().set(methods);
    server.hub().set(hub);
    server.add(mqtt);
    server.start();
    Await.until("the server listens", () -> server.endpoint().isPresent());
  }

  /** A second server with the same certificates; not started. */
  WebServer another(int port, ManualTime clock) {
    return new WebServer(
        new ServerConfig("127.0.0.1", port, 8, 8), certificates, new ManualThreads(), clock);
  }

  int port() {
    return URI.create(server.endpoint().orElseThrow()).getPort();
  }

  URI uri(String path) {
    return URI.create("https://localhost:" + port() + path);
  }

  HttpClient client() {
    return client(certificates.clientContext());
  }

  HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  /** A call as the SDKs make it. */
  HttpRequest.Builder call(String path) {
    return HttpRequest.newBuilder(uri(path))
        .header("x-ms-edge-moduleId", CALLER)
        .header("Authorization", FakeAuthenticator.PASSWORD)
        .header("Content-Type", "application/json; charset=utf-8")
        .POST(HttpRequest.BodyPublishers.ofString(BODY));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A WebSocket as the SDKs open it. */
  CompletableFuture<WebSocket> webSocket(SSLContext tls, WebSocket.Listener listener) {
    URI uri = URI.create("wss://localhost:" + port() + "/$iothub/websocket");
    return client(tls).newWebSocketBuilder().subprotocols("mqtt").buildAsync(uri, listener);
  }

  RawClient raw() throws IOException {
    return new RawClient(certificates.clientContext(), port());
  }

  @Override
  public void close() {
    server.close();
  }
}
