package io.gantry.web.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.netty.Leaks;
import io.gantry.testkit.time.Await;
import io.gantry.testkit.time.ManualTime;
import io.gantry.web.method.MethodDoor;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that libraries do not make, and what bounds them. */
@ExtendWith(Leaks.class)
class HttpTest {

  private static final String PATH = "/twins/thermo1/methods";

  private final Site site = new Site(8, 4);

  @AfterEach
  void close() {
    site.close();
  }

  private void assertWorks() throws IOException {
    try (RawClient client = site.raw()) {
      assertEquals(200, client.exchange(RawClient.post(PATH, Site.BODY)).status());
    }
  }

  /** All clients gone, so that the next test of limits begins at none. */
  private void awaitNobody() {
    Await.until("nobody is connected", () -> site.server.connections() == 0);
  }

  /** The Java SDK writes the whole address over AMQP, the path elsewhere; with port or without. */
  @Test
  void bothFormsOfTargetsAreUnderstoodAndHostsWithAndWithoutPort() throws Exception {
    try (RawClient client = site.raw()) {
      String absolute = RawClient.post("https://gw" + PATH + "?x=1", Site.BODY);
      assertEquals(200, client.exchange(absolute).status());
      assertEquals(200, client.exchange(absolute.replace("//gw", "//gw:443")).status());
      assertEquals(200, client.exchange(absolute.replace("Host: gw", "Host: gw:443")).status());
    }
  }

  @Test
  void aConnectionServesManyRequestsAndClosesWhenAsked() throws Exception {
    try (RawClient client = site.raw()) {
      for (int i = 0; i < 20; i++) {
        RawClient.Answer answer = client.exchange(RawClient.post(PATH, Site.BODY));
        assertEquals(200, answer.status());
        assertEquals("keep-alive", answer.headers().get("connection"));
      }
      String last = RawClient.post(PATH, Site.BODY).replace("Host", "Connection: close\r\nHost");
      assertEquals("close", client.exchange(last).headers().get("connection"));
      assertEquals(0, client.awaitClosed());
    }
  }

  @Test
  void oldHttpIsAnsweredAndClosed() throws Exception {
    try (RawClient client = site.raw()) {
      String old = RawClient.post(PATH, Site.BODY).replace("HTTP/1.1\r\nHost: gw", "HTTP/1.0");
      assertEquals(200, client.exchange(old).status());
      assertEquals(0, client.awaitClosed());
    }
  }

  @Test
  void requestsSentAheadAreAnsweredInOrder() throws Exception {
    try (RawClient client = site.raw()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        all.append(RawClient.post(PATH, "{\"methodName\":\"m\",\"payload\":" + i + "}"));
      }
      client.send(all.toString());
      for (int i = 0; i < 20; i++) {
        assertEquals("{\"status\":200,\"payload\":" + i + "}", client.answer().body());
      }
    }
  }

  @Test
  void whoSendsRequestsWithoutEndIsNotKept() throws Exception {
    site.methods.hold(true);
    try (RawClient client = site.raw()) {
      client.send(RawClient.post(PATH, Site.BODY));
      client.send("GET / HTTP/1.1\r\nHost: gw\r\n\r\n".repeat(500));
      assertEquals(0, client.awaitClosed());
    } catch (IOException closedWhileSending) {
      // as good
    }
    awaitNobody();
    site.methods.hold(false);
    assertWorks();
  }

  @Test
  void theBodyMayComeInChunks() throws Exception {
    String head =
        RawClient.post(PATH, "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    try (RawClient client = site.raw()) {
      int half = Site.BODY.length() / 2;
      String chunks =
          Integer.toHexString(half)
              + "\r\n"
              + Site.BODY.substring(0, half)
              + "\r\n"
              + Integer.toHexString(Site.BODY.length() - half)
              + "\r\n"
              + Site.BODY.substring(half)
              + "\r\n0\r\n\r\n";
      assertEquals(200, client.exchange(head + chunks).status());
      assertEquals(400, client.exchange(head + "xyz\r\n").status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n",
      })
  void whatIsMalformedIsAnsweredWith400(String request) throws Exception {
    try (RawClient client = site.raw()) {
      RawClient.Answer answer = client.exchange(request);
      assertEquals(400, answer.status());
      assertTrue(answer.body().startsWith("{\"message\":\""), answer.body());
    }
    assertWorks();
  }

  @Test
  void linesHeadersAndBodiesAreBounded() throws Exception {
    try (RawClient client = site.raw()) {
      assertEquals(414, client.exchange("GET /" + "a".repeat(5_000) + " HTTP/1.1\r\n").status());
    }
    try (RawClient client = site.raw()) {
      String header = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(9_000) + "\r\n\r\n";
      assertEquals(431, client.exchange(header).status());
    }
    try (RawClient client = site.raw()) {
      String head =
          RawClient.post(PATH, "").replace("Length: 0", "Length: " + (MethodDoor.MAX_BODY + 1));
      assertEquals(413, client.exchange(head).status());
    }
    assertEquals(List.of(), site.authenticator.attempts());
    try (RawClient client = site.raw()) {
      client.send(
          RawClient.post(PATH, "").replace("Content-Length: 0", "Transfer-Encoding: chunked"));
      String chunk = "4000\r\n" + "a".repeat(0x4000) + "\r\n";
      client.send(chunk.repeat(MethodDoor.MAX_BODY / 0x4000 + 1));
      assertEquals(413, client.answer().status());
    }
    try (RawClient client = site.raw()) {
      String payload = "\"" + "a".repeat(128 * 1024) + "\"";
      String body = "{\"methodName\":\"m\",\"payload\":" + payload + "}";
      assertEquals(200, client.exchange(RawClient.post(PATH, body)).status());
    }
  }

  @Test
  void theBodyOfARefusedRequestIsThrownAwayAndTheConnectionGoesOn() throws Exception {
    try (RawClient client = site.raw()) {
      String body = "a".repeat(200_000);
      String refused = RawClient.post(PATH, body).replace("let me in", "wrong");
      assertEquals(401, client.exchange(refused).status());
      assertEquals(404, client.exchange(RawClient.post("/x", body)).status());
      assertEquals(200, client.exchange(RawClient.post(PATH, Site.BODY)).status());
    }
  }

  @Test
  void whoDoesNotBeginItsHandshakeIsClosedInTime() throws Exception {
    try (Socket silent = new Socket("127.0.0.1", site.port())) {
      Await.until("its limit holds", () -> site.time.waiting() == 1);
      site.time.advance(Limits.FIRST_HEAD.minusMillis(1));
      assertEquals(1, site.server.connections());
      site.time.advance(Duration.ofMillis(1));
      awaitNobody();
    }
    assertWorks();
  }

  @Test
  void aHeadThatComesDropByDropIsClosedInTime() throws Exception {
    try (RawClient client = site.raw()) {
      client.send("POST " + PATH + " HTTP/1.1\r\n");
      for (int i = 0; i < 3; i++) {
        site.time.advance(Limits.FIRST_HEAD.dividedBy(3));
        client.send("X-" + i + ": a\r\n");
      }
      client.awaitClosed();
    } catch (IOException closedWhileSending) {
      // as good
    }
    awaitNobody();
  }

  @Test
  void aBodyThatComesDropByDropIsAnsweredWith408AndClosedInTime() throws Exception {
    try (RawClient client = site.raw()) {
      String request = RawClient.post(PATH, Site.BODY);
      client.send(request.substring(0, request.length() - 1));
      Await.until("the caller is examined", () -> !site.authenticator.attempts().isEmpty());
      site.time.advance(Limits.BODY);
      assertEquals(408, client.answer().status());
      site.time.advance(Limits.LINGER);
      assertEquals(0, client.awaitClosed());
    }
    awaitNobody();
  }

  @Test
  void aConnectionWithoutRequestsIsClosedInTimeAndACallIsNot() throws Exception {
    site.methods.hold(true);
    try (RawClient client = site.raw()) {
      client.send(RawClient.post(PATH, Site.BODY));
      Await.until("it is called", () -> !site.methods.invoked().isEmpty());
      Await.until("no limit holds", () -> site.time.waiting() == 0);
      site.time.advance(Duration.ofMinutes(10));
      site.methods.invoked().get(0).answer(200, "1");
      assertEquals(200, client.answer().status());
      site.time.advance(Limits.IDLE);
      assertEquals(0, client.awaitClosed());
    }
    awaitNobody();
    Await.until("no limit is left", () -> site.time.waiting() == 0);
  }

  @Test
  void connectionsAreBoundedAndThoseThatEndMakeRoom() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sockets.add(new Socket("127.0.0.1", site.port()));
    }
    Await.until("four are counted", () -> site.server.connections() == 4);
    assertThrows(IOException.class, this::assertWorks);
    for (String address : List.of("127.0.0.2", "127.0.0.3")) {
      for (int i = 0; i < 4; i++) {
        sockets.add(from(address));
      }
    }
    Await.until("eight are counted", () -> site.server.connections() == 8);
    // The last four came over the bound of all.
    for (Socket over : sockets.subList(8, 12)) {
      assertEquals(-1, over.getInputStream().read());
    }
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitNobody();
    assertWorks();
  }

  private Socket from(String address) throws IOException {
    Socket socket = new Socket();
    socket.bind(new java.net.InetSocketAddress(address, 0));
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", site.port()));
    socket.setSoTimeout(60_000);
    return socket;
  }

  @Test
  void whatIsNoTlsIsClosed() throws Exception {
    try (Socket plain = new Socket("127.0.0.1", site.port())) {
      plain.setSoTimeout(60_000);
      plain.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes("UTF-8"));
      byte[] answer = plain.getInputStream().readAllBytes();
      assertTrue(answer.length < 20, "an alert of TLS at most, found " + answer.length);
    }
    awaitNobody();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothVersionsOfTlsAreSpokenWithoutANameOfTheServer(String version) throws Exception {
    try (RawClient client = site.raw()) {
      ((SSLSocket) client.socket).setEnabledProtocols(new String[] {version});
      assertEquals(200, client.exchange(RawClient.post(PATH, Site.BODY)).status());
      assertEquals(version, ((SSLSocket) client.socket).getSession().getProtocol());
    }
  }

  @Test
  void manglingARequestHarmsNobodyElse() throws Exception {
    byte[] good = RawClient.bytes(RawClient.post(PATH, Site.BODY));
    Random random = new Random(11);
    for (int round = 0; round < 60; round++) {
      byte[] bad = good.clone();
      for (int change = 0; change < 3; change++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try (RawClient client = site.raw()) {
        client.send(bad);
        client.send("\r\n\r\n");
        client.socket.shutdownOutput();
        client.awaitClosed();
      } catch (IOException closedWhileSending) {
        // as good
      }
    }
    assertWorks();
    awaitNobody();
  }

  @Test
  void aTakenPortIsNamedAndTriedAgainUntilItIsFree() throws Exception {
    ManualTime time = new ManualTime();
    WebServer late;
    String problem;
    try (ServerSocket other = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
      late = site.another(other.getLocalPort(), time);
      late.start();
      Await.until("it has failed", () -> time.waiting() == 1);
      problem = late.problem().orElseThrow();
      assertTrue(
          problem.startsWith("cannot listen at 127.0.0.1:" + other.getLocalPort() + ": "), problem);
      assertTrue(problem.endsWith("or set another port in io.gantry.web"), problem);
      assertEquals(Optional.empty(), late.endpoint());
      assertEquals(Optional.of(Duration.ofSeconds(1)), time.untilNext());
      time.advance(Duration.ofSeconds(1));
      Await.until(
          "it has failed again", () -> time.untilNext().equals(Optional.of(Duration.ofSeconds(2))));
    }
    time.advance(Duration.ofSeconds(2));
    Await.until("it listens", () -> late.endpoint().isPresent());
    assertEquals(Optional.empty(), late.problem());
    late.close();
  }

  @Test
  void aPortThatNeedsPrivilegesIsExplainedInOneSentenceAndSeldomTried() {
    BindProblem problem =
        BindProblem.of(
            new ServerConfig("0.0.0.0", 443, 1, 1), new SocketException("Permission denied"), null);
    assertEquals(
        "cannot listen at 0.0.0.0:443: Permission denied; allow it by 'sysctl"
            + " net.ipv4.ip_unprivileged_port_start=443' or by"
            + " AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or set another port"
            + " in io.gantry.web",
        problem.text());
    assertEquals(Duration.ofMinutes(5), problem.pause());
  }

  @Test
  void pausesBetweenAttemptsGrowToAMinute() {
    ServerConfig config = new ServerConfig("127.0.0.1", 1, 1, 1);
    BindProblem problem = BindProblem.of(config, new SocketException("in use"), null);
    for (int i = 0; i < 10; i++) {
      problem = BindProblem.of(config, new SocketException("in use"), problem);
    }
    assertEquals(Duration.ofMinutes(1), problem.pause());
  }

  @Test
  void closingEndsConnectionsAndFreesThePort() throws Exception {
    URI where = URI.create(site.server.endpoint().orElseThrow());
    try (RawClient client = site.raw()) {
      assertEquals(200, client.exchange(RawClient.post(PATH, Site.BODY)).status());
      site.close();
      assertEquals(0, client.awaitClosed());
    }
    assertThrows(IOException.class, () -> new Socket("127.0.0.1", where.getPort()).close());
    assertEquals(Optional.empty(), site.server.endpoint());
    site.close();
  }

  @Test
  void valuesThatCannotBeUsedAreNamed() {
    for (Object[] bad :
        new Object[][] {
          {" ", 1, 1, 1, "host"},
          {"a", -1, 1, 1, "port"},
          {"a", 70_000, 1, 1, "port"},
          {"a", 1, 0, 1, "maxConnections"},
          {"a", 1, 1, 0, "maxConnectionsPerAddress"}
        }) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> new ServerConfig((String) bad[0], (int) bad[1], (int) bad[2], (int) bad[3]));
      assertTrue(refused.getMessage().startsWith(bad[4] + ": expected"), refused.getMessage());
    }
  }
}
