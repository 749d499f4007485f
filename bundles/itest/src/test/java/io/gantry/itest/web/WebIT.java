package io.gantry.itest.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.distribution.Distribution;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTPS door as operators and clients find it. */
class WebIT {

  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir private Path temp;
  private Distribution distribution;

  @BeforeEach
  void copy() {
    distribution = Distribution.in(temp.resolve("gantry")).withoutArchive();
  }

  @AfterEach
  void close() {
    distribution.close();
  }

  private static HttpResponse<String> post(URI uri) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {new TrustsAll()}, null);
    HttpRequest request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString("{}")).build();
    return HttpClient.newBuilder()
        .sslContext(tls)
        .build()
        .send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void itListensAndAnswersInJson() throws Exception {
    distribution.start();
    Map<String, String> endpoints = distribution.report().endpoints();
    int port = distribution.folder().port("io.gantry.web");
    assertEquals("https://127.0.0.1:" + port, endpoints.get("https"));
    URI uri = URI.create("https://127.0.0.1:" + port);
    HttpResponse<String> unknown = post(uri.resolve("/nothing/here"));
    assertEquals(404, unknown.statusCode());
    assertEquals("application/json", unknown.headers().firstValue("content-type").orElse(""));
    HttpResponse<String> stranger = post(uri.resolve("/twins/gateway/modules/filter/methods"));
    assertTrue(List.of(401, 503).contains(stranger.statusCode()), stranger::body);
  }

  /** Port 443 is not everybody's to bind, and devices on the other ports have to be served. */
  @Test
  void withoutItsPortTheGatewayWorksAndSaysSo() throws Exception {
    int port = distribution.folder().port("io.gantry.web");
    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
      distribution.start();
      String warning =
          "https: cannot listen at 127.0.0.1:"
              + other.getLocalPort()
              + ": Address already in use; stop what uses the port, or set another port in"
              + " io.gantry.web";
      distribution.out().await("the end of the banner", LIMIT, line -> line.contains("stops."));
      assertTrue(distribution.out().text().contains("  warning   " + warning), warning);
      assertEquals(List.of(warning), distribution.report().warnings());
      Distribution.Result status = distribution.cli("status");
      assertEquals(0, status.exitCode(), status.err());
      assertTrue(status.out().contains("warning " + warning), status.out());
    }
  }

  @Test
  void aValueThatCannotBeUsedEndsTheStartAndIsNamed() {
    distribution.folder().configure("io.gantry.web", "maxConnections", 0);
    distribution.launch();
    assertEquals(1, distribution.awaitExit(LIMIT), distribution::everything);
    assertTrue(
        distribution
            .err()
            .text()
            .contains(
                "the configuration io.gantry.web cannot be used: maxConnections: expected 1 or"
                    + " more, found 0"),
        distribution::everything);
  }

  /** Names and chain are the business of the tests of certificates. */
  private static final class TrustsAll extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}
  }
}
