package io.gantry.console.management;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.RequestException;
import io.gantry.console.status.FakeGateway;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.testkit.time.ManualTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deployments, logs and repositories through the management API. */
@Timeout(120)
class DeploymentServerTest {

  private static final Instant TIME = Instant.parse("2026-03-01T08:00:00Z");

  @TempDir Path run;
  private final FakeGateway gateway = new FakeGateway();
  private final FakeAgent agent = new FakeAgent();
  private final FakeLogs logs = new FakeLogs();
  private final Registry registry = new Registry();
  private final ManualTime time = new ManualTime();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Properties properties = new Properties();
  private ManagementServer server;

  /** Repositories as the test tells them. */
  private static final class Registry implements RepositoryRegistry {

    private final List<Report> reports = new ArrayList<>();
    private CompletableFuture<Void> failure = CompletableFuture.completedFuture(null);

    @Override
    public CompletionStage<List<Report>> list() {
      return CompletableFuture.completedFuture(reports);
    }

    @Override
    public CompletionStage<Report> add(String address, boolean signed) {
      Report report =
          new Report(
              new Entry(address, signed, false),
              OptionalInt.of(2),
              Optional.of(TIME),
              Optional.empty());
      reports.add(report);
      return failure.thenApply(done -> report);
    }

    @Override
    public CompletionStage<Boolean> remove(String address) {
      return failure.thenApply(
          done -> reports.removeIf(report -> report.entry().address().equals(address)));
    }

    @Override
    public CompletionStage<Collected> collect() {
      return CompletableFuture.completedFuture(new Collected(1, 2000, 3, 100));
    }
  }

  @BeforeEach
  void start() throws IOException {
    time.set(TIME);
    gateway.deployments = Optional.of(agent);
    gateway.logs = Optional.of(logs);
    gateway.repositories = Optional.of(registry);
    server =
        ManagementServer.start(
            new ManagementSettings("127.0.0.1", 0, run),
            gateway,
            new ProcessFacts("0.1.0", time),
            new TestThreads(),
            () -> {},
            ManagementServerTest.TIMES);
    properties.load(Files.newBufferedReader(run.resolve("management.properties")));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(properties.getProperty("url") + path))
        .header("Authorization", "Bearer " + properties.getProperty("token"));
  }

  private String text(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        http.send(
            request.header("Accept", "text/plain").build(),
            HttpResponse.BodyHandlers.ofString(UTF_8));
    return answer.statusCode()
        + (answer.headers().firstValue("Gantry-Outcome").isPresent() ? " failed " : " ")
        + answer.body();
  }

  private String get(String path) throws Exception {
    return text(request(path));
  }

  private String post(String path, String body) throws Exception {
    return text(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private String json(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString(UTF_8)).body();
  }

  private BufferedReader open(String path) throws Exception {
    HttpResponse<InputStream> answer =
        http.send(
            request(path).header("Accept", "text/plain").build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    return new BufferedReader(new InputStreamReader(answer.body(), UTF_8));
  }

  private static String next(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (line != null && line.isEmpty()) {
      line = lines.readLine();
    }
    return String.valueOf(line);
  }

  @Test
  void aDryRunIsAnsweredWhateverItTellsAndMarkedWhenTheDeploymentCannotBeMade() throws Exception {
    assertEquals(
        "200 nothing would change: the gateway is as the manifest declares it\n",
        post("/v1/deployments/dry-run", "{\"a\":1}"));
    assertEquals(List.of("{\"a\":1}"), agent.manifests);
    agent.dryRun =
        new DryRun(400, List.of("e"), List.of(), List.of(), List.of(), List.of(), List.of());
    assertEquals(
        "200 failed this manifest would be refused (400); nothing would change\nerror: e\n",
        post("/v1/deployments/dry-run", "{}"));
    assertEquals(
        "413 what was sent is longer than 1048576 bytes; nothing has changed\n",
        post("/v1/deployments/dry-run", " ".repeat(1024 * 1024 + 1)));
  }

  /** As an editor of another age, or the redirection of a shell, writes it. */
  @ParameterizedTest
  @ValueSource(strings = {"ISO-8859-1", "UTF-16"})
  void aManifestInAnotherCharacterSetIsRefusedAndNotGuessed(String name) throws Exception {
    byte[] manifest = "{\"name\":\"Pümpe\"}".getBytes(Charset.forName(name));
    assertEquals(
        "400 what was sent is not in UTF-8; nothing has changed, save it as UTF-8 and try again\n",
        text(request("/v1/deployments").POST(HttpRequest.BodyPublishers.ofByteArray(manifest))));
    assertEquals(List.of(), agent.manifests);
  }

  @Test
  void undoAnswersAsADeploymentDoes() throws Exception {
    assertEquals("200 deployment 1 is in force\n", post("/v1/deployments/undo", ""));
    agent.result =
        CompletableFuture.completedFuture(new DeployResult(417, 1, List.of("none"), List.of()));
    assertTrue(post("/v1/deployments/undo", "").startsWith("417 refused (417)"));
  }

  @Test
  void cancellingNothingIsAConflict() throws Exception {
    assertEquals(
        "409 there is no deployment under way that could be cancelled\n",
        post("/v1/deployments/cancel", ""));
    agent.pending = true;
    assertEquals("200 the deployment is cancelled\n", post("/v1/deployments/cancel", ""));
  }

  @Test
  void historyIsShownInTheZoneOfTheCaller() throws Exception {
    agent.history =
        List.of(
            new DeploymentRecord(
                1,
                DeploymentRecord.State.IN_FORCE,
                "deployed",
                TIME,
                Optional.empty(),
                "",
                new TreeMap<>()));
    assertTrue(get("/v1/deployments/history").contains("2026-03-01T08:00:00Z"));
    assertTrue(
        get("/v1/deployments/history?zone=Asia%2FTokyo").contains("2026-03-01T17:00:00+09:00"));
    assertEquals(
        "400 zone: expected one such as Europe/Berlin, found 'Mars'\n",
        get("/v1/deployments/history?zone=Mars"));
    assertTrue(json("/v1/deployments/history").contains("\"state\": \"in_force\""));
  }

  @Test
  void aRestartIsToldWithItsOutcome() throws Exception {
    assertEquals("200 restarted filter\n", post("/v1/modules/restart?module=filter", ""));
    assertEquals(List.of("filter"), agent.restarted);
    agent.restart =
        CompletableFuture.failedFuture(new RequestException(409, "filter shall not run"));
    assertEquals("409 filter shall not run\n", post("/v1/modules/restart?module=filter", ""));
    assertEquals("400 module: name one\n", post("/v1/modules/restart", ""));
  }

  private static ModuleReport module(String status) {
    return new ModuleReport(
        "filter", status, Optional.empty(), Optional.empty(), 0, Optional.empty(), "i", status);
  }

  @Test
  void progressGoesOnAsLongAsSomebodyReads() throws Exception {
    agent.modules = List.of(module("running"));
    try (BufferedReader lines = open("/v1/deployments/progress");
        BufferedReader line = open("/v1/deployments/progress?summary=true")) {
      agent.modules = List.of(module("stopped"));
      agent.changed();
      assertEquals("filter: stopped", next(lines));
      assertEquals("filter: stopped", next(line));
      server.close();
      assertEquals("null", next(lines));
    }
    assertEquals(0, agent.listeners());
  }

  @Test
  void progressEndsWithTheAgent() throws Exception {
    try (BufferedReader lines = open("/v1/deployments/progress")) {
      gateway.deployments = Optional.empty();
      agent.changed();
      assertEquals("null", next(lines));
    }
  }

  @Test
  void aLogIsReadInTheZoneAndFromTheLevelThatWasAskedFor() throws Exception {
    logs.add(new LogLine(TIME, 6, "up\tand\nrunning\u001b"));
    logs.add(new LogLine(TIME.plusMillis(7), 3, "broken"));
    logs.add(new LogLine(TIME, 7, "detail"));
    assertEquals(
        """
        200 2026-03-01T09:00:00.000+01:00 INFO  up    and
            running\\u001b
        2026-03-01T09:00:00.007+01:00 ERROR broken
        """,
        get("/v1/logs?module=filter&level=info&zone=Europe%2FBerlin"));
    assertEquals(
        "{\"time\":\"2026-03-01T08:00:00.007Z\",\"level\":\"error\",\"text\":\"broken\"}\n",
        json("/v1/logs?module=filter&level=warn"));
    assertEquals(3, json("/v1/logs?module=filter").lines().count());
  }

  @Test
  void theConditionsReachTheLog() throws Exception {
    get("/v1/logs?module=filter&tail=5&since=1d2h&until=2026-03-01T07:00:00%2B01:00");
    assertEquals(5, logs.asked.tail());
    assertEquals(Optional.of(Instant.parse("2026-02-28T06:00:00Z")), logs.asked.since());
    assertEquals(Optional.of(Instant.parse("2026-03-01T06:00:00Z")), logs.asked.until());
    get("/v1/logs?module=filter&since=90min&until=2026-03-01T07:30&zone=Europe%2FBerlin");
    assertEquals(Optional.of(Instant.parse("2026-03-01T06:30:00Z")), logs.asked.since());
    assertEquals(Optional.of(Instant.parse("2026-03-01T06:30:00Z")), logs.asked.until());
    assertEquals(
        "400 since: expected a span such as 90min, 2h or 1d12h, or a time such as"
            + " 2026-03-01T08:00:00Z, found 'yesterday'\n",
        get("/v1/logs?module=filter&since=yesterday"));
    assertEquals(
        "400 level: expected error or warn or info or debug, found 'loud'\n",
        get("/v1/logs?module=filter&level=loud"));
    assertEquals("400 tail: expected 1 or more, found 0\n", get("/v1/logs?module=filter&tail=0"));
    assertEquals(
        "400 until: not together with follow\n",
        get("/v1/logs?module=filter&until=1h&follow=true"));
  }

  @Test
  void aModuleWithoutALogIsRefusedWithThoseThatHaveOne() throws Exception {
    assertEquals(
        "404 there is no log of 'x'; there are those of edgeAgent, filter\n",
        get("/v1/logs?module=x"));
    assertEquals("200 ", get("/v1/logs?module=$edgeAgent"));
    agent.modules =
        List.of(
            new ModuleReport(
                "x", "running", Optional.empty(), Optional.empty(), 0, Optional.empty(), "i", ""));
    assertEquals("200 ", get("/v1/logs?module=x"));
  }

  @Test
  void whoFollowsGetsWhatIsThereAndThenWhatComes() throws Exception {
    logs.add(new LogLine(TIME, 6, "one"));
    try (BufferedReader lines = open("/v1/logs?module=filter&follow=true")) {
      assertEquals("2026-03-01T08:00:00.000Z INFO  one", next(lines));
      logs.add(new LogLine(TIME, 4, "two"));
      assertEquals("2026-03-01T08:00:00.000Z WARN  two", next(lines));
      gateway.logs = Optional.empty();
      assertEquals("null", next(lines));
    }
    assertEquals(0, logs.followers());
  }

  @Test
  void aFollowerOfALogThatWentAwayIsNoticedWithoutALine() throws Exception {
    open("/v1/logs?module=filter&follow=true").close();
    // Bounded by the test's own time limit.
    while (logs.followers() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void repositoriesAreAddedListedAndRemoved() throws Exception {
    assertEquals(
        "200 there is no repository: gantry repository add ADDRESS\n", get("/v1/repositories"));
    assertEquals(
        "200 added /srv: 2 bundles, only signed ones are taken\n",
        post("/v1/repositories/add?address=%2Fsrv&signed=true", ""));
    assertEquals(
        """
        200 ADDRESS  BUNDLES  READ                  SIGNED    BY       PROBLEM
        /srv     2        2026-03-01T08:00:00Z  demanded  command  -
        """,
        get("/v1/repositories"));
    assertTrue(json("/v1/repositories").contains("\"bundles\": 2"));
    assertEquals("200 removed /srv\n", post("/v1/repositories/remove?address=%2Fsrv", ""));
    assertEquals(
        "404 there is no repository '/srv': see gantry repository list\n",
        post("/v1/repositories/remove?address=%2Fsrv", ""));
    assertEquals(
        "200 deleted 1 jar (2.0 kB); 3 jars needed (100 B)\n",
        post("/v1/repositories/collect", ""));
  }

  @Test
  void whatTheRegistryRefusesIsToldWithAStatusThatFits() throws Exception {
    registry.failure = CompletableFuture.failedFuture(new IllegalArgumentException("no address"));
    assertEquals("400 no address\n", post("/v1/repositories/add?address=x", ""));
    registry.failure = CompletableFuture.failedFuture(new ModuleException("cannot be kept"));
    assertEquals("500 cannot be kept\n", post("/v1/repositories/remove?address=x", ""));
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    gateway.deployments = Optional.empty();
    gateway.logs = Optional.empty();
    gateway.repositories = Optional.empty();
    for (String path : List.of("dry-run", "undo", "cancel")) {
      assertEquals(
          "503 the agent is not there: see status\n", post("/v1/deployments/" + path, ""), path);
    }
    assertEquals("503 the agent is not there: see status\n", get("/v1/deployments/history"));
    assertEquals("503 module logs are not there: see status\n", get("/v1/logs?module=m"));
    assertEquals("503 module repositories are not there: see status\n", get("/v1/repositories"));
  }
}
