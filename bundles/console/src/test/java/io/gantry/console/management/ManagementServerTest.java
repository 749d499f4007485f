package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.console.management.ManagementServer.Times;
import io.gantry.console.status.FakeDeadLetters;
import io.gantry.console.status.FakeEventLog;
import io.gantry.console.status.FakeGateway;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.console.status.FakeHub;
import io.gantry.console.status.FakeRoutes;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.testkit.metrics.FakeMetrics;
import io.gantry.testkit.time.ManualTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The management API over a real socket, with every byte of the request in the test's hand. */
@Timeout(120)
class ManagementServerTest {

  /** A sign of life soon, and at the end all the time that a busy machine may need. */
  static final Times TIMES = new Times(30, 60_000);

  @TempDir Path run;
  private final FakeGateway gateway = new FakeGateway();
  private final FakeAgent agent = new FakeAgent();
  private final FakeEventLog events = new FakeEventLog();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private ManagementServer server;
  private URI url;
  private String token;

  @BeforeEach
  void start() throws IOException {
    gateway.deployments = Optional.of(agent);
    gateway.events = Optional.of(events);
    server = startServer();
    Properties properties = properties();
    url = URI.create(properties.getProperty("url"));
    token = properties.getProperty("token");
  }

  private ManagementServer startServer() throws IOException {
    return ManagementServer.start(
        new ManagementSettings("127.0.0.1", 0, run),
        gateway,
        new ProcessFacts("0.1.0", new ManualTime()),
        new TestThreads(),
        stopped::countDown,
        TIMES);
  }

  private Properties properties() throws IOException {
    Properties properties = new Properties();
    properties.load(Files.newBufferedReader(run.resolve("management.properties")));
    return properties;
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private record Answer(int status, String head, String body) {}

  private Socket send(String method, String path, List<String> headers, String body)
      throws IOException {
    Socket socket = new Socket(url.getHost(), url.getPort());
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    headers.forEach(header -> request.append(header).append("\r\n"));
    request.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
    socket.getOutputStream().write(request.toString().getBytes(UTF_8));
    return socket;
  }

  private List<String> good(String... more) {
    List<String> headers = new ArrayList<>(List.of(more));
    headers.add("Host: " + url.getAuthority());
    headers.add("Authorization: Bearer " + token);
    headers.add("Connection: close");
    return headers;
  }

  private Answer ask(String method, String path, List<String> headers, String body)
      throws IOException {
    try (Socket socket = send(method, path, headers, body)) {
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      return new Answer(
          Integer.parseInt(answer.substring(9, 12)),
          answer.substring(0, end),
          answer.substring(end + 4));
    }
  }

  private Answer get(String path) throws IOException {
    return ask("GET", path, good(), "");
  }

  @Test
  void addressAndTokenAreLeftForTheOwnerAloneAndTakenAwayAtTheEnd() throws IOException {
    Path file = run.resolve("management.properties");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(64, token.length());
    server.close();
    assertFalse(Files.exists(file));
    server = startServer();
    assertNotEquals(token, properties().getProperty("token"));
  }

  @Test
  void withoutTheTokenNothingIsToldNotEvenWhatExists() throws IOException {
    String host = "Host: " + url.getAuthority();
    for (String path : List.of("/v1/status", "/nowhere")) {
      Answer none = ask("GET", path, List.of(host, "Connection: close"), "");
      assertEquals(401, none.status());
      assertEquals("{\"error\":\"the token is missing or wrong\"}\n", none.body());
    }
    for (String wrong : List.of("Bearer x", "Bearer " + token + "0", "Basic " + token)) {
      List<String> headers = List.of(host, "Connection: close", "Authorization: " + wrong);
      assertEquals(401, ask("GET", "/v1/status", headers, "").status(), wrong);
    }
  }

  /** A page whose name was made to point here has the right address and the wrong name. */
  @Test
  void aForeignHostNameIsRefusedEvenWithTheToken() throws IOException {
    List<String> headers =
        List.of(
            "Host: evil.example:" + url.getPort(),
            "Authorization: Bearer " + token,
            "Connection: close");
    assertEquals(403, ask("GET", "/v1/status", headers, "").status());
  }

  @Test
  void whatDoesNotExistIs404AndTheWrongMethodIs405WithTheRightOne() throws IOException {
    assertEquals(404, get("/v1/nowhere").status());
    Answer wrong = ask("DELETE", "/v1/status", good(), "");
    assertEquals(405, wrong.status());
    assertTrue(wrong.head().contains("Allow: GET"), wrong.head());
    assertEquals(405, get("/v1/stop").status());
    assertEquals(1, stopped.getCount());
  }

  @Test
  void statusIsJsonForProgramsAndTextForPeople() throws IOException {
    Answer json = get("/v1/status");
    assertEquals(200, json.status());
    assertTrue(json.head().contains("application/json"), json.head());
    assertTrue(json.body().contains("\"management\": \"" + url + "\""), json.body());
    Answer text = ask("GET", "/v1/status", good("Accept: text/plain"), "");
    assertTrue(text.body().startsWith("Gantry 0.1.0: not ready"), text.body());
  }

  @Test
  void readyIs503UntilEverythingListens() throws IOException {
    assertEquals(503, get("/v1/ready").status());
    gateway.listeners.add(
        FakeGateway.listener("mqtt", Optional.of("mqtt://127.0.0.1:1"), Optional.empty()));
    Answer ready = ask("GET", "/v1/ready", good("Accept: text/plain"), "");
    assertEquals(200, ready.status());
    assertEquals("ready\nendpoint mqtt mqtt://127.0.0.1:1\n", ready.body());
  }

  @Test
  void aManifestReachesTheAgentAndItsOutcomeComesBack() throws IOException {
    Answer done = ask("POST", "/v1/deployments", good("Accept: text/plain"), "{\"a\":1}");
    assertEquals(200, done.status());
    assertEquals("deployment 1 is in force\n", done.body());
    assertEquals(List.of("{\"a\":1}"), agent.manifests);

    agent.result = outcome(500);
    assertEquals(202, ask("POST", "/v1/deployments", good(), "{}").status());
    for (int code : List.of(400, 412, 417)) {
      agent.result = outcome(code);
      Answer refused = ask("POST", "/v1/deployments", good(), "{}");
      assertEquals(code, refused.status());
      assertTrue(refused.body().contains("\"accepted\": false"), refused.body());
    }
  }

  private static CompletableFuture<DeployResult> outcome(int code) {
    return CompletableFuture.completedFuture(
        new DeployResult(code, 1, List.of("because"), List.of()));
  }

  @Test
  void aBodyOverTheLimitIsRefusedAndNotHandedOn() throws IOException {
    Answer answer = ask("POST", "/v1/deployments", good(), " ".repeat(1024 * 1024 + 1));
    assertEquals(413, answer.status());
    assertEquals(List.of(), agent.manifests);
  }

  @Test
  void withoutAnAgentADeploymentIsRefusedWithTheReason() throws IOException {
    gateway.deployments = Optional.empty();
    Answer answer = ask("POST", "/v1/deployments", good(), "{}");
    assertEquals(503, answer.status());
    assertEquals("{\"error\":\"the agent is not there: see status\"}\n", answer.body());
  }

  @Test
  void stopAnswersWithThePidAndStops() throws Exception {
    Answer answer = ask("POST", "/v1/stop", good(), "");
    assertEquals(202, answer.status());
    assertEquals("{\"pid\":" + ProcessHandle.current().pid() + "}\n", answer.body());
    assertTrue(stopped.await(60, TimeUnit.SECONDS));
  }

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      events.add("d", Message.of(Payload.ofText("m" + events.next())));
    }
  }

  private List<String> bodies(String query) throws IOException {
    URLConnection connection = url.resolve("/v1/events" + query).toURL().openConnection();
    connection.setRequestProperty("Accept", "text/plain");
    connection.setRequestProperty("Authorization", "Bearer " + token);
    String text = new String(connection.getInputStream().readAllBytes(), UTF_8);
    return text.lines()
        .filter(line -> !line.isEmpty())
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }

  private BufferedReader open(String path) throws IOException {
    Socket socket = send("GET", path, good("Accept: text/plain"), "");
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
  }

  @Test
  void eventsComeOldestFirstWithinTheRangeThatWasAskedFor() throws IOException {
    add(5);
    assertEquals(List.of("m0", "m1", "m2", "m3", "m4"), bodies(""));
    assertEquals(List.of("m2", "m3"), bodies("?from=2&limit=2"));
    assertEquals(List.of("m3", "m4"), bodies("?last=2"));
    assertEquals(List.of(), bodies("?limit=0"));
    events.forgetBefore(3);
    assertEquals(List.of("m3", "m4"), bodies("?from=1"));
  }

  /** More than one batch is read, and nothing twice. */
  @Test
  void manyEventsComeOnceEach() throws IOException {
    add(1000);
    List<String> bodies = bodies("");
    assertEquals(1000, bodies.size());
    assertEquals("m999", bodies.get(999));
  }

  @Test
  void aRangeThatIsNoNumberIsRefused() throws IOException {
    Answer answer = get("/v1/events?from=first");
    assertEquals(400, answer.status());
    assertTrue(answer.body().contains("from: expected a number, found 'first'"), answer.body());
  }

  @Test
  void aFollowerGetsWhatIsThereAndThenWhatComes() throws IOException {
    add(1);
    try (BufferedReader lines = open("/v1/events?follow=true")) {
      assertEquals("m0", nextBody(lines));
      add(2);
      assertEquals("m1", nextBody(lines));
      assertEquals("m2", nextBody(lines));
    }
  }

  private static String nextBody(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains("  d  ")) {
        return line.substring(line.lastIndexOf(' ') + 1);
      }
    }
    throw new IOException("the stream ended");
  }

  @Test
  void aFollowerWithALimitEndsByItself() throws IOException {
    add(3);
    assertEquals(List.of("m0", "m1"), bodies("?follow=true&limit=2"));
  }

  @Test
  void aFollowerThatWentAwayIsNoticedWithoutAnEvent() throws Exception {
    BufferedReader lines = open("/v1/events?follow=true");
    assertTrue(lines.readLine().startsWith("HTTP/1.1 200"));
    lines.close();
    awaitListeners(0);
  }

  /** Bounded by the test's own time limit. */
  private void awaitListeners(int count) {
    while (events.listeners() != count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void theNumberOfFollowersIsBounded() throws IOException {
    List<BufferedReader> followers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      followers.add(open("/v1/events?follow=true"));
      assertTrue(followers.get(i).readLine().startsWith("HTTP/1.1 200"));
    }
    try (BufferedReader ninth = open("/v1/events?follow=true")) {
      assertTrue(ninth.readLine().startsWith("HTTP/1.1 503"));
    }
    for (BufferedReader follower : followers) {
      follower.close();
    }
  }

  @Test
  void closingEndsTheFollowers() throws IOException {
    try (BufferedReader lines = open("/v1/events?follow=true")) {
      assertTrue(lines.readLine().startsWith("HTTP/1.1 200"));
      server.close();
      String last = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
      assertEquals("", last);
    }
    assertEquals(0, events.listeners());
  }

  @Test
  void withoutAnEventLogTheReasonIsTold() throws IOException {
    gateway.events = Optional.empty();
    assertEquals(503, get("/v1/events").status());
  }

  @Test
  void anAddressThatOthersCanReachIsRefused() {
    ManagementSettings settings = new ManagementSettings("0.0.0.0", 0, run);
    assertNull(
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ManagementServer.start(
                        settings,
                        gateway,
                        new ProcessFacts("0.1.0", new ManualTime()),
                        new TestThreads(),
                        () -> {}))
            .getCause());
  }

  @Test
  void aRouteIsExplainedForAMessageThatAPersonWroteDown() throws IOException {
    gateway.routes = Optional.of(new FakeRoutes());
    String message =
        "{\"properties\":{\"a\":\"b\"},\"systemProperties\":{\"connectionModuleId\":\"m\","
            + "\"outputName\":\"o\"},\"body\":{\"t\":1}}";
    Answer answer = ask("POST", "/v1/routes/explain?route=up", good("Accept: text/plain"), message);
    assertEquals(200, answer.status(), answer.body());
    assertEquals(
        "route up does not fire\n  /messages/modules/m/outputs/o\n  {a=b}\n"
            + "  {connectionModuleId=m, outputName=o, contentType=application/json,"
            + " contentEncoding=utf-8}\n  {\"t\":1}\n",
        answer.body());
  }

  /** A text is a body without a content type, as many devices send it. */
  @Test
  void aBodyThatIsATextIsTakenAsItIs() throws IOException {
    gateway.routes = Optional.of(new FakeRoutes());
    Answer answer = ask("POST", "/v1/routes/explain?route=up", good(), "{\"body\":\"{}\"}");
    assertTrue(answer.body().contains("\"fires\": false"), answer.body());
    assertTrue(answer.body().contains("\"/messages\",\n    \"{}\",\n    \"{}\",\n    \"{}\""));
  }

  @Test
  void whatCannotBeExplainedIsRefusedWithAReason() throws IOException {
    assertEquals(503, ask("POST", "/v1/routes/explain?route=up", good(), "{}").status());
    gateway.routes = Optional.of(new FakeRoutes());
    assertRefused(404, "there is no route 'down'; there are [up]", "down", "{}");
    assertRefused(400, "the message: expected a JSON object with body and properties", "up", "[]");
    assertRefused(400, "properties: expected an object, found 3", "up", "{\"properties\":3}");
    assertRefused(
        400,
        "systemProperties.a: expected a text, found null",
        "up",
        "{\"systemProperties\":{\"a\":null}}");
    assertRefused(400, "bodyBase64: expected Base64, found \"?\"", "up", "{\"bodyBase64\":\"?\"}");
    assertEquals(400, ask("POST", "/v1/routes/explain", good(), "{}").status());
    assertEquals(400, ask("POST", "/v1/routes/explain?route=up", good(), "{").status());
  }

  private void assertRefused(int status, String text, String route, String message)
      throws IOException {
    Answer answer =
        ask("POST", "/v1/routes/explain?route=" + route, good("Accept: text/plain"), message);
    assertEquals(status + " " + text + "\n", answer.status() + " " + answer.body());
  }

  @Test
  void aRouteIsExplainedForTheLastMessages() throws IOException {
    gateway.routes = Optional.of(new FakeRoutes());
    Answer text = ask("GET", "/v1/routes/recent?route=up&last=5", good("Accept: text/plain"), "");
    assertEquals(
        "2026-01-01T00:00:00Z d1 /messages: route up fires\n  of the last 5\n", text.body());
    JsonObject json =
        JsonParser.parseString(get("/v1/routes/recent?route=up").body())
            .getAsJsonObject()
            .getAsJsonArray("messages")
            .get(0)
            .getAsJsonObject();
    assertEquals("d1", json.get("sender").getAsString());
    assertTrue(json.get("fires").getAsBoolean());
    assertEquals("of the last 10", json.getAsJsonArray("reasons").get(0).getAsString());
    assertEquals(404, get("/v1/routes/recent?route=down").status());
    assertEquals(400, get("/v1/routes/recent?route=up&last=65").status());
    assertEquals(400, get("/v1/routes/recent?route=up&last=0").status());
  }

  @Test
  void whatWaitsForAnEndpointIsForgotten() throws IOException {
    gateway.routes = Optional.of(new FakeRoutes());
    assertEquals("{\"purged\":4}\n", post("/v1/queues/purge?address=$upstream").body());
    assertEquals(404, post("/v1/queues/purge?address=modules/m/inputs/in").status());
    assertEquals(400, post("/v1/queues/purge").status());
  }

  @Test
  void deadLettersAreListedReplayedAndPurged() throws IOException {
    FakeDeadLetters letters = new FakeDeadLetters();
    gateway.deadLetters = Optional.of(letters);
    for (int i = 3; i < 8; i++) {
      letters.add(i, Instant.EPOCH);
    }
    Answer listed = ask("GET", "/v1/deadletters?from=7", good("Accept: text/plain"), "");
    assertEquals(
        "7  1970-01-01T00:00:00Z  modules/filter/inputs/in1  from thermo1  refused 10 times:"
            + " no temperature  body 7\n",
        listed.body());
    String json = get("/v1/deadletters").body();
    assertEquals(5, json.lines().count());
    assertTrue(json.startsWith("{\"sequence\":3,\"time\":\"1970-01-01T00:00:00Z\","), json);
    assertEquals("{\"replayed\":1}\n", post("/v1/deadletters/replay?sequence=4").body());
    assertEquals(404, post("/v1/deadletters/replay?sequence=4").status());
    assertEquals("{\"purged\":2}\n", post("/v1/deadletters/purge?sequence=5").body());
    assertEquals("{\"purged\":2}\n", post("/v1/deadletters/purge").body());
    assertEquals("", get("/v1/deadletters").body());
  }

  /** A receiver that rejects whatever it gets must not keep us busy for ever. */
  @Test
  void whatIsRejectedAgainIsNotReplayedInTheSameGo() throws IOException {
    FakeDeadLetters letters = new FakeDeadLetters();
    gateway.deadLetters = Optional.of(letters);
    letters.comesBackAt = Instant.MAX;
    for (int i = 0; i < 1_500; i++) {
      letters.add(i, Instant.EPOCH);
    }
    assertEquals("{\"replayed\":1500}\n", post("/v1/deadletters/replay").body());
    assertEquals(1_000, get("/v1/deadletters").body().lines().count());
  }

  private Answer post(String path) throws IOException {
    return ask("POST", path, good(), "");
  }

  private List<String> monitoring(String shown) {
    return List.of(
        "Host: " + url.getAuthority(), "Authorization: Bearer " + shown, "Connection: close");
  }

  @Test
  void monitoringReadsEverySeriesWithTheNamesOfTheGateway() throws IOException {
    assertEquals(503, get("/metrics").status());
    FakeMetrics metrics = new FakeMetrics();
    gateway.metrics = Optional.of(metrics);
    metrics.readGauge("modules", "Modules.", to -> to.value(2));
    Answer early = get("/metrics");
    assertEquals(List.of("instance_number"), List.copyOf(metrics.common().keySet()));
    gateway.hub = Optional.of(new FakeHub());
    Answer answer = ask("GET", "/metrics", good("Accept: application/openmetrics-text"), "");
    assertEquals(200, answer.status());
    assertTrue(
        answer.head().contains("Content-type: text/plain; version=0.0.4; charset=utf-8"),
        answer.head());
    assertEquals("modules 2\n", answer.body());
    assertEquals(early.body(), answer.body());
    assertEquals("gantry.local", metrics.common().get("iothub"));
    assertEquals("gateway", metrics.common().get("edge_device"));
    assertEquals(36, metrics.common().get("instance_number").length());
  }

  @Test
  void theTokenOfMonitoringOpensTheMetricsAndNothingElse() throws IOException {
    Path file = run.resolve("metrics.token");
    gateway.metrics = Optional.of(new FakeMetrics());
    server.close();
    server = startMonitored(file);
    String kept = Files.readString(file).strip();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(200, ask("GET", "/metrics", monitoring(kept), "").status());
    assertEquals(200, get("/metrics").status(), "who may do everything may do this, too");
    for (String path : List.of("/v1/status", "/v1/stop", "/metrics/", "/nowhere")) {
      assertEquals(401, ask("GET", path, monitoring(kept), "").status(), path);
      assertEquals(401, ask("POST", path, monitoring(kept), "").status(), path);
    }
    assertEquals(405, ask("POST", "/metrics", monitoring(kept), "").status());
    assertEquals(401, ask("GET", "/metrics", monitoring(kept + "0"), "").status());
    List<String> nothing = List.of("Host: " + url.getAuthority(), "Connection: close");
    assertEquals(401, ask("GET", "/metrics", nothing, "").status());
    List<String> foreign =
        List.of("Host: evil.example", "Authorization: Bearer " + kept, "Connection: close");
    assertEquals(403, ask("GET", "/metrics", foreign, "").status());
    server.close();
    server = startMonitored(file);
    assertEquals(200, ask("GET", "/metrics", monitoring(kept), "").status(), "it is kept");
  }

  /** Monitoring is no reason to keep the operator out. */
  @Test
  void aTokenOfMonitoringThatIsNoneKeepsOnlyMonitoringOut() throws IOException {
    Path file = Files.writeString(run.resolve("metrics.token"), "short\n");
    gateway.metrics = Optional.of(new FakeMetrics());
    server.close();
    server = startMonitored(file);
    assertEquals(401, ask("GET", "/metrics", monitoring("short"), "").status());
    assertEquals(200, get("/metrics").status());
  }

  private ManagementServer startMonitored(Path file) throws IOException {
    ManagementServer started =
        ManagementServer.start(
            new ManagementSettings("127.0.0.1", 0, run, Optional.of(file)),
            gateway,
            new ProcessFacts("0.1.0", new ManualTime()),
            new TestThreads(),
            stopped::countDown,
            TIMES);
    url = URI.create(properties().getProperty("url"));
    token = properties().getProperty("token");
    return started;
  }
}
