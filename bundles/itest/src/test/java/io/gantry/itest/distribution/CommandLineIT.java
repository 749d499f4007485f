package io.gantry.itest.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line against a gateway of another process, as scripts and people use it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineIT {

  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Pattern FIRST_MESSAGE =
      Pattern.compile(
          "gantry (identity create (\\S+))\\s+mosquitto_pub -h (\\S+) -p (\\d+) -i (\\S+) -q 1"
              + " \\\\\\s+-u (\\S+) -P \"\\$\\(gantry (identity token \\S+)\\)\" \\\\\\s+"
              + "-t '(\\S+)' \\\\\\s+-m"
              + " '(.+)'");

  private static final Pattern COMMENT =
      Pattern.compile("# (HELP [a-zA-Z_]+ .+|TYPE [a-zA-Z_]+ (counter|gauge|summary))");
  private static final Pattern SAMPLE =
      Pattern.compile(
          "[a-zA-Z_]+\\{([a-z_]+=\"([^\"\\\\]|\\\\[\\\\n\"])*\",?)+} (NaN|-?[0-9.]+(E-?[0-9]+)?)");

  private Distribution distribution;
  private Path data;

  @BeforeAll
  void start(@TempDir Path temp) {
    distribution = Distribution.in(temp.resolve("gantry")).knowing("after", "before");
    data = distribution.folder().data();
    distribution.start();
    distribution.out().await("the end of the banner", LIMIT, line -> line.endsWith("stops."));
  }

  @AfterAll
  void stop() {
    distribution.close();
  }

  private String done(String... words) {
    Distribution.Result result = distribution.cli(words);
    assertEquals(0, result.exitCode(), result.err());
    assertEquals("", result.err());
    return result.out();
  }

  private static JsonObject object(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }

  private int mqttPort() {
    return distribution.folder().port("io.gantry.mqtt");
  }

  private String consoleAddress() {
    int port = distribution.folder().port("org.apache.felix.http");
    return "http://127.0.0.1:" + port + "/system/console/gantry";
  }

  private static void send(
      int port, String clientId, MqttConnectOptions options, String topic, String body)
      throws MqttException {
    try (MqttClient client = new MqttClient("tcp://127.0.0.1:" + port, clientId, null)) {
      client.setTimeToWait(LIMIT.toMillis());
      client.connect(options);
      client.publish(topic, body.getBytes(UTF_8), 1, false);
      client.disconnect();
    }
  }

  /** The filter lets it pass as an alert. */
  private void sendHot(String clientId) throws MqttException {
    String topic = "devices/" + clientId + "/messages/events/%24.ct=application%2Fjson";
    MqttConnectOptions options = Identities.login(new MqttConnectOptions(), clientId);
    send(mqttPort(), clientId, options, topic, "{\"temperature\":99}");
  }

  @Test
  void theBannerTellsWhatListensWhereAndHowToGoOn() {
    List<String> lines = distribution.out().lines();
    // Behind what was waited for, where a start takes long.
    assertTrue(
        lines.stream().anyMatch(line -> line.matches("Gantry 0\\.\\S+ is ready")), lines::toString);
    assertTrue(lines.contains("  mqtt      mqtt://127.0.0.1:" + mqttPort()), lines::toString);
    assertTrue(lines.contains("  console   " + consoleAddress()), lines::toString);
    assertTrue(lines.contains("  data      " + data), lines::toString);
    assertTrue(
        lines.contains("'gantry console' shows the password of the console."), lines::toString);
    assertTrue(lines.contains("'gantry stop' or Ctrl-C stops."), lines::toString);
    assertEquals("", distribution.err().text());
  }

  /** The first thing that anybody does: it has to work as it stands there. */
  @Test
  void theFirstMessageOfTheBannerReachesUpstreamAsAnAlert() throws MqttException {
    Matcher line = FIRST_MESSAGE.matcher(distribution.out().text());
    assertTrue(line.find(), distribution.out().text());
    assertEquals("127.0.0.1", line.group(3));
    done(line.group(1).split(" "));
    String token = done(line.group(7).split(" ")).strip();
    String clientId = line.group(5);
    MqttConnectOptions options = new MqttConnectOptions();
    options.setUserName(line.group(6));
    options.setPassword(token.toCharArray());
    String body = line.group(9);
    send(Integer.parseInt(line.group(4)), clientId, options, line.group(8), body);
    Output events = new Output(distribution.follow("events", "--follow"), "events");
    try (events) {
      String event = events.await("the first message", LIMIT, text -> text.contains(body));
      assertTrue(event.contains(clientId), event);
      assertTrue(event.contains("MessageType=Alert"), event);
    }
  }

  @Test
  void statusShowsEverythingOnAScreen() {
    String text = done("status");
    String first = text.lines().findFirst().orElseThrow();
    assertTrue(
        first.matches(
            "Gantry 0\\.\\S+, device gateway: ready, up .+, pid "
                + distribution.process().pid()
                + ", heap [0-9.]+ MiB of [0-9.]+ MiB.*"),
        first);
    for (String title : List.of("Endpoints", "Modules", "Routes", "Queues")) {
      assertTrue(text.lines().anyMatch(title::equals), title + " in " + text);
    }
    assertTrue(text.contains("mqtt://127.0.0.1:" + mqttPort()), text);
    assertTrue(text.contains(consoleAddress()), text);
    assertTrue(text.lines().anyMatch(line -> line.startsWith("Dropped  ")), text);
    assertTrue(text.lines().anyMatch(line -> line.startsWith("Store    ")), text);
  }

  @Test
  void statusInJsonNamesTheEndpointsAndCounts() {
    JsonObject status = object(done("status", "--json"));
    assertTrue(status.get("ready").getAsBoolean(), status::toString);
    assertEquals(new JsonArray(), status.get("problems"));
    assertEquals(new JsonArray(), status.get("missing"));
    JsonObject endpoints = status.getAsJsonObject("endpoints");
    assertEquals(Set.of("mqtt", "mqtts", "https", "console", "management"), endpoints.keySet());
    assertEquals("mqtt://127.0.0.1:" + mqttPort(), endpoints.get("mqtt").getAsString());
    assertEquals(consoleAddress(), endpoints.get("console").getAsString());
    assertEquals(
        distribution.process().pid(), status.getAsJsonObject("gantry").get("pid").getAsLong());
    assertTrue(status.getAsJsonObject("memory").get("heapUsed").getAsLong() > 0);
    assertTrue(status.getAsJsonObject("store").get("maxBytes").getAsLong() > 0);
    assertTrue(status.get("drops").isJsonObject());
    Set<String> queues = new TreeSet<>();
    status
        .getAsJsonArray("queues")
        .forEach(queue -> queues.add(queue.getAsJsonObject().get("address").getAsString()));
    assertEquals(Set.of("$upstream", "modules/filter/inputs/input1"), queues);
  }

  @Test
  void listShowsTheModules() {
    List<String> lines = done("list").lines().toList();
    assertTrue(
        lines.get(0).matches("NAME +STATUS +VERSION +SINCE +RESTARTS +DESCRIPTION +LAST ERROR"));
    String running = " +running +0\\.1\\.0\\S+ +.+ ago +0 +- +-";
    assertTrue(lines.get(1).matches("filter" + running), lines.get(1));
    assertTrue(lines.get(2).matches("sensor" + running), lines.get(2));
    assertEquals(3, lines.size());

    Map<String, String> statuses = new TreeMap<>();
    for (JsonElement element : JsonParser.parseString(done("list", "--json")).getAsJsonArray()) {
      JsonObject module = element.getAsJsonObject();
      statuses.put(module.get("name").getAsString(), module.get("status").getAsString());
    }
    assertEquals(Map.of("filter", "running", "sensor", "running"), statuses);
  }

  @Test
  void eventsFollowsFromAnotherProcess() throws MqttException {
    Output events = new Output(distribution.follow("events", "--follow", "--json"), "events");
    try (events) {
      sendHot("before");
      events.await("the message before", LIMIT, line -> line.contains("before"));
      // It reads along by now, so this one is new to it.
      sendHot("after");
      String line = events.await("the message after", LIMIT, text -> text.contains("after"));
      JsonObject event = object(line);
      assertEquals("{\"temperature\":99}", event.get("body").getAsString());
      assertEquals("Alert", event.getAsJsonObject("properties").get("MessageType").getAsString());
    }
    List<String> kept = done("events", "--json").lines().toList();
    assertTrue(kept.size() >= 2, kept::toString);
    long sequence = -1;
    for (String line : kept) {
      long next = object(line).get("sequence").getAsLong();
      assertTrue(next > sequence, line);
      sequence = next;
    }
    assertEquals(1, done("events", "--last", "2", "--limit", "1").lines().count());
    assertEquals(
        sequence,
        object(done("events", "--from", Long.toString(sequence), "--limit", "1", "--json"))
            .get("sequence")
            .getAsLong());
  }

  @Test
  void deployTellsWhichDeploymentIsInForce() {
    String file = distribution.folder().conf().resolve("deployment.json").toString();
    assertTrue(done("deploy", file).matches("deployment \\d+ is in force"));
    JsonObject result = object(done("deploy", "--json", file));
    assertEquals(200, result.get("code").getAsInt());
    assertTrue(result.get("accepted").getAsBoolean());
    assertEquals(new JsonArray(), result.get("errors"));
  }

  /** The agent comes to the hub by itself; a gateway may be ready before. */
  private static String[] connecting(String... words) {
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--connect-timeout";
    all[words.length + 1] = "60";
    return all;
  }

  /** As a back end of IoT Edge does it, by the methods of the agent. */
  @Test
  void theAgentAnswersMethodsLikeAnyModule() {
    String request =
        "{\"schemaVersion\":\"1.0\",\"items\":{\"id\":\"^filter$\"},\"contentType\":\"json\"}";
    String agent = "gateway/$edgeAgent";
    String[] words = {"method", "invoke", agent, "GetModuleLogs", "--payload", request};
    String logs = done(connecting(words));
    assertTrue(logs.startsWith("status 200\n") && logs.contains("\"id\": \"filter\""), logs);
    Distribution.Result refused =
        distribution.cli(connecting("method", "invoke", agent, "explode"));
    assertEquals(1, refused.exitCode());
    assertTrue(refused.out().contains("GetTaskStatus, RestartModule"), refused::out);
  }

  @Test
  void whatADeploymentWouldDoAndWhatTheFormerOnesDidIsTold() {
    String file = distribution.folder().conf().resolve("deployment.json").toString();
    assertEquals(
        "nothing would change: the gateway is as the manifest declares it",
        done("deploy", file, "--dry-run"));
    assertFalse(object(done("deploy", file, "--dry-run", "--json")).get("changes").getAsBoolean());
    String history = done("history");
    assertTrue(
        history.lines().anyMatch(line -> line.matches("\\d+ +in force +.+ filter 0\\.1\\..+")),
        history);
    assertTrue(JsonParser.parseString(done("history", "--json")).getAsJsonArray().size() > 0);
    assertEquals(
        new Distribution.Result(
            1, "", "gantry: there is no deployment under way that could be cancelled"),
        distribution.cli("cancel"));
  }

  @Test
  void aModuleIsRestartedAndTheLogOfTheAgentTellsIt() {
    assertEquals("restarted sensor", done("restart", "sensor"));
    String log = done("logs", "edgeAgent", "--since", "1h", "--level", "info");
    assertTrue(log.contains("module sensor"), log);
    assertEquals(1, done("logs", "edgeAgent", "--tail", "1", "--json").lines().count());
    try (Output lines = new Output(distribution.follow("logs", "edgeAgent", "-f"), "logs")) {
      lines.await("what was logged before", LIMIT, line -> line.contains("module sensor"));
    }
    Distribution.Result unknown = distribution.cli("logs", "nobody");
    assertEquals(1, unknown.exitCode());
    assertTrue(
        unknown.err().startsWith("gantry: there is no log of 'nobody'; there are those of edge"),
        unknown.err());
    assertTrue(done(connecting("method", "invoke", "edgeAgent", "ping")).contains("200"));
  }

  @Test
  void repositoriesAreKeptListedAndIndexed(@TempDir Path folder) throws IOException {
    Path configured = distribution.folder().repository();
    assertTrue(done("repository", "list").contains(configured.resolve("index.xml").toString()));
    try (Stream<Path> jars = Files.list(configured)) {
      for (Path jar :
          (Iterable<Path>) jars.filter(one -> one.toString().endsWith("jar"))::iterator) {
        Files.copy(jar, folder.resolve(jar.getFileName()));
      }
    }
    assertTrue(done("repository", "index", folder.toString()).contains("index.xml: 2 bundles"));
    assertEquals("added " + folder + ": 2 bundles", done("repository", "add", folder.toString()));
    assertEquals("removed " + folder, done("repository", "remove", folder.toString()));
    assertTrue(done("repository", "gc").startsWith("deleted 0 jars"));
  }

  @Test
  void theSchemaOfManifestsNeedsNoInstance() {
    assertTrue(object(done("schema")).has("$schema"));
  }

  @Test
  void versionTellsGantryAndJava() {
    String version = done("version");
    assertTrue(version.matches("gantry 0\\.\\S+ \\(Java [1-9]\\S+, .+\\)"), version);
  }

  @Test
  void helpExplainsEveryCommand() {
    String overview = done("help");
    for (String command :
        List.of("run", "status", "list", "events", "deploy", "stop", "console", "version")) {
      assertTrue(overview.contains("\n  " + command + " "), overview);
      assertTrue(done(command, "--help").startsWith("Usage: gantry " + command), command);
    }
  }

  private static void assertOwnerOnly(Path file) throws IOException {
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), file + "");
  }

  private String password() throws IOException {
    return Files.readString(data.resolve("console.password")).strip();
  }

  private Properties management() throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(data.resolve("run/management.properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  @Test
  void consoleShowsHowToLogIn() throws IOException {
    assertEquals(
        "address   " + consoleAddress() + "\nuser      admin\npassword  " + password(),
        done("console"));
  }

  @Test
  void secretsAreForTheOwnerAndNowhereElse() throws IOException {
    assertOwnerOnly(data.resolve("console.password"));
    assertOwnerOnly(data.resolve("run/management.properties"));
    assertOwnerOnly(data.resolve("metrics.token"));
    done("console");
    StringBuilder said = new StringBuilder(distribution.everything());
    said.append(done("status")).append(done("status", "--json")).append(done("list"));
    LiveFiles.contents(data.resolve("logs")).values().forEach(said::append);
    distribution.process().info().commandLine().ifPresent(said::append);
    assertFalse(said.toString().contains(password()), "the password of the console");
    assertFalse(said.toString().contains(management().getProperty("token")), "the token");
    assertFalse(said.toString().contains(metricsToken()), "the token of monitoring");
  }

  @Test
  void theManagementApiAnswersOnlyWhoHasTheToken() throws Exception {
    String token = management().getProperty("token");
    assertEquals(200, ask("/v1/status", "Bearer " + token).statusCode());
    String wrong = (token.charAt(0) == 'a' ? "b" : "a") + token.substring(1);
    for (String authorization : List.of("", "Bearer ", "Bearer " + wrong, "Basic " + token)) {
      HttpResponse<String> answer = ask("/v1/status", authorization);
      assertEquals(401, answer.statusCode(), authorization);
      assertEquals("{\"error\":\"the token is missing or wrong\"}", answer.body().strip());
    }
  }

  /** As a monitoring system does it, which has been given the one token and the address. */
  @Test
  void monitoringScrapesTheFiguresAndComesNoFurther() throws Exception {
    String token = "Bearer " + metricsToken();
    assertEquals(401, ask("/metrics", "").statusCode());
    assertEquals(401, ask("/v1/status", token).statusCode());

    HttpResponse<String> answer = ask("/metrics", token);
    assertEquals(200, answer.statusCode());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    Set<String> series = new TreeSet<>();
    for (String line : answer.body().lines().toList()) {
      assertTrue(COMMENT.matcher(line).matches() || SAMPLE.matcher(line).matches(), line);
      if (!line.startsWith("#")) {
        assertTrue(series.add(line.substring(0, line.lastIndexOf(' '))), "twice: " + line);
      }
    }
    String house = "\\{iothub=\"gantry.local\",edge_device=\"gateway\",instance_number=\"[^\"]+\"";
    for (String expected :
        List.of(
            "edgeAgent_module_start_total"
                + house
                + ",module_name=\"filter\",module_version=\"0.*}",
            "edgeAgent_total_time_running_correctly_seconds" + house + ",module_name=\"sensor\"}",
            "edgeAgent_command_latency_seconds" + house + ",command=\"start\",quantile=\"0.99\"}",
            "edgeAgent_deployment_time_seconds_count" + house + "}",
            "edgeAgent_available_disk_space_bytes" + house + ",disk_name=.*}",
            "edgeAgent_used_memory_bytes" + house + ",module_name=\"gantry\"}",
            "edgeAgent_metadata" + house + ",edge_agent_version=\"0.*}",
            "gantry_messages_dropped_total" + house + ",reason=\"no_route\"}",
            "gantry_bundles" + house + ",state=\"active\"}",
            "jvm_memory_used_bytes" + house + ",area=\"heap\"}",
            "process_resident_memory_bytes" + house + "}")) {
      assertTrue(series.stream().anyMatch(one -> one.matches(expected)), expected + series);
    }
    assertTrue(done("metrics").startsWith("# HELP edgeAgent_"), "the command prints the same");
  }

  private String metricsToken() throws IOException {
    return Files.readString(data.resolve("metrics.token")).strip();
  }

  private HttpResponse<String> ask(String path, String authorization) throws Exception {
    URI uri = URI.create(management().getProperty("url") + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stats | unknown command 'stats' (did you mean status?); see gantry help",
        "frobnicate | unknown command 'frobnicate'; see gantry help",
        "deploy | FILE is missing; see gantry deploy --help",
        "deploy a b | one word too many: 'b'; see gantry deploy --help",
        "status --jsn | unknown option '--jsn' (did you mean --json?); see gantry status --help",
        "status --data | option --data needs a value DIR; see gantry status --help",
        "list --json=yes | option --json takes no value; see gantry list --help",
        "events --from x | option --from: expected a number, found 'x'; see gantry events --help"
      })
  void wrongUsageEndsWithTwoAndAHint(String words, String text) {
    assertEquals(
        new Distribution.Result(2, "", "gantry: " + text), distribution.cli(words.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "list", "events", "events --follow", "stop", "console"})
  void withoutARunningInstanceACommandEndsWithThree(String words, @TempDir Path empty) {
    String[] command = (words + " --data " + empty).split(" ");
    assertEquals(
        new Distribution.Result(
            3,
            "",
            "gantry: no running instance for data folder " + empty + "; start one with gantry run"),
        distribution.cli(command));
  }

  /** Its own gateway: on folders elsewhere, with any free ports, and stopped in the end. */
  @Test
  void anotherDataAndConfigurationFolderMakeAnotherGatewayUntilItIsStopped(@TempDir Path temp)
      throws Exception {
    try (Distribution other = Distribution.in(temp.resolve("gantry"))) {
      other.folder().configure("io.gantry.mqtt", "port", 0);
      other.folder().configure("org.apache.felix.http", "org.osgi.service.http.port", 0);
      Path conf = temp.resolve("etc");
      Files.move(other.folder().conf(), conf);
      String elsewhere = temp.resolve("var/lib gantry").toString();
      // What its end would take longest for, longer than 'gantry stop' waits on a slow machine.
      Distribution.withoutArchive(Path.of(elsewhere));
      other.launch("--data", elsewhere, "--conf=" + conf);
      other.out().await("the end of the banner", LIMIT, line -> line.endsWith("stops."));

      // Asked by the first installation: the data folder alone says which gateway is meant.
      JsonObject endpoints =
          object(done("status", "--json", "--data", elsewhere)).getAsJsonObject("endpoints");
      assertEquals(Set.of("mqtt", "mqtts", "https", "console", "management"), endpoints.keySet());
      for (Map.Entry<String, JsonElement> endpoint : endpoints.entrySet()) {
        URI address = URI.create(endpoint.getValue().getAsString());
        assertEquals("127.0.0.1", address.getHost(), endpoint::toString);
        assertTrue(address.getPort() > 0, endpoint::toString);
      }
      int port = URI.create(endpoints.get("mqtt").getAsString()).getPort();
      done("identity", "create", "any", "--data", elsewhere);
      MqttConnectOptions any = new MqttConnectOptions();
      any.setUserName("any");
      any.setPassword(done("identity", "token", "any", "--data", elsewhere).strip().toCharArray());
      send(port, "any", any, "any/topic", "x");
      assertFalse(Files.exists(other.folder().data()), "the usual data folder is not used");

      assertEquals("", done("stop", "--data", elsewhere));
      assertFalse(other.process().isAlive(), "the process is gone when 'gantry stop' returns");
      assertEquals(0, other.awaitExit(LIMIT));
      assertEquals("", other.err().text());
      assertEquals(3, distribution.cli("status", "--data", elsewhere).exitCode());
    }
    done("status");
  }
}
