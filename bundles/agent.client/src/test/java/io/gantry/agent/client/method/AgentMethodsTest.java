package io.gantry.agent.client.method;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.client.FakeAgent;
import io.gantry.agent.client.FakeLogs;
import io.gantry.agent.client.task.Tasks;
import io.gantry.agent.client.task.Uploads;
import io.gantry.agent.client.upload.BlobStore;
import io.gantry.agent.client.upload.Spool;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.testkit.metrics.FakeMetrics;
import io.gantry.testkit.session.FakeGateway;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentMethodsTest {

  @TempDir Path folder;
  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final ManualThreads.ManualSerial uploading = threads.serial("uploads");
  private final Surroundings surroundings = new Surroundings();
  private final FakeGateway hub = new FakeGateway("gateway");
  private final FakeAgent agent = new FakeAgent();
  private final FakeLogs logs = new FakeLogs();
  private final FakeMetrics metrics = new FakeMetrics();
  private AgentMethods methods;

  @BeforeEach
  void open() {
    Tasks tasks = new Tasks();
    Uploads uploads =
        new Uploads(
            uploading, tasks, new Spool(folder, 1 << 20), () -> new BlobStore(uploading, time));
    methods =
        new AgentMethods(
            surroundings,
            tasks,
            uploads,
            time,
            metrics.counter("invocations", "Calls.", "method_name"),
            threads.serial("quick"),
            threads.serial("slow"));
    surroundings.setHub(hub);
    surroundings.setAgent(agent);
    surroundings.setLogs(logs);
  }

  private MethodResponse call(String name, String payload) {
    CompletableFuture<MethodResponse> answer =
        methods.invoke(new MethodRequest(name, payload.replace('\'', '"'))).toCompletableFuture();
    threads.runAll();
    assertTrue(answer.isDone());
    return answer.join();
  }

  private JsonElement ok(String name, String members) {
    MethodResponse response = call(name, "{'schemaVersion':'1.0'," + members + "}");
    assertEquals(200, response.status(), response::payload);
    return JsonParser.parseString(response.payload());
  }

  private String message(int status, String name, String payload) {
    MethodResponse response = call(name, payload);
    assertEquals(status, response.status(), response::payload);
    JsonObject json = JsonParser.parseString(response.payload()).getAsJsonObject();
    assertEquals(1, json.size());
    return json.get("message").getAsString();
  }

  private String refused(String name, String members) {
    return message(400, name, "{'schemaVersion':'1.0'," + members + "}");
  }

  private void log(String module, int minute, int level, String text) {
    logs.add(
        module,
        Instant.parse("2026-01-01T00:00:00Z").plusSeconds(minute * 60L - 3600),
        level,
        text);
  }

  /** The ids of an answer with their texts. */
  private List<String> texts(String members) {
    List<String> texts = new ArrayList<>();
    for (JsonElement item : ok("GetModuleLogs", members).getAsJsonArray()) {
      JsonObject json = item.getAsJsonObject();
      texts.add(
          json.get("id").getAsString()
              + ":"
              + json.get("payload").getAsString().replaceAll("<\\d> .{30} ", ""));
    }
    return texts;
  }

  // ---- all methods

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "[]", "no JSON"})
  void pingIsAnsweredWhateverItSays(String payload) {
    assertEquals(new MethodResponse(200, "null"), call("PING", payload));
  }

  @Test
  void anUnknownMethodIsToldWhichThereAre() {
    assertEquals(
        "There is no method explode; there are GetModuleLogs, GetTaskStatus, RestartModule, "
            + "UploadModuleLogs, UploadSupportBundle, ping",
        message(400, "explode", "null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RestartModule",
        "GETTASKSTATUS",
        "getmodulelogs",
        "UploadModuleLogs",
        "uploadSupportBundle"
      })
  void aPayloadOfAnotherVersionIsRefused(String method) {
    assertEquals(
        "payload.schemaVersion: expected 1.0, found 2.0",
        message(400, method, "{'schemaVersion':'2.0'}"));
    assertEquals("payload: expected an object, found null", message(400, method, "null"));
  }

  @Test
  void aServiceThatIsAwayIsAnErrorOfOurs() {
    surroundings.logsGone(logs);
    surroundings.agentGone(agent);
    assertEquals(
        "The log of modules is not there now",
        message(500, "GetModuleLogs", "{'schemaVersion':'1.0','items':{'id':'all'}}"));
    assertEquals(
        "The agent is not there now",
        message(500, "RestartModule", "{'schemaVersion':'1.0','id':'m'}"));
  }

  @Test
  void callsDoNotPileUp() {
    for (int i = 0; i < 16; i++) {
      methods.invoke(new MethodRequest("GetTaskStatus", "{}"));
    }
    assertEquals(
        429,
        methods
            .invoke(new MethodRequest("GetTaskStatus", "{}"))
            .toCompletableFuture()
            .join()
            .status());
    threads.runAll();
    assertEquals(400, call("GetTaskStatus", "{}").status());
  }

  /** Else each took a place among those who wait, and in the end there was none left. */
  @Test
  void aCallThatEndsInAnErrorIsAnsweredAndLeavesItsPlace() {
    agent.unlinked = true;
    for (int i = 0; i < 20; i++) {
      assertEquals(
          "a class of the agent",
          message(500, "RestartModule", "{'schemaVersion':'1.0','id':'reader'}"));
    }
    agent.unlinked = false;
    assertEquals(200, call("RestartModule", "{'schemaVersion':'1.0','id':'reader'}").status());
  }

  // ---- RestartModule

  @Test
  void aModuleIsRestarted() {
    assertEquals(
        new MethodResponse(200, "null"),
        call("restartmodule", "{'schemaVersion':'1.0','id':'reader'}"));
    assertEquals(List.of("reader"), agent.restarted);
  }

  @ParameterizedTest
  @CsvSource({"404, 400", "409, 400", "500, 500"})
  void aRestartThatFailsIsToldWithItsReason(int status, int expected) {
    agent.restart = CompletableFuture.failedFuture(new RequestException(status, "the reason"));
    assertEquals(
        "the reason", message(expected, "RestartModule", "{'schemaVersion':'1.0','id':'reader'}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"edgeAgent", "EDGEHUB", "$edgeAgent"})
  void theRuntimeDoesNotRestartItself(String id) {
    assertTrue(refused("RestartModule", "'id':'" + id + "'").contains("cannot restart itself"));
    assertEquals(List.of(), agent.restarted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'x':1", "'id':''", "'id':5", "'id':null"})
  void aRestartWithoutAModuleIsRefused(String members) {
    assertTrue(refused("RestartModule", members).startsWith("payload.id: expected a text, found"));
  }

  // ---- GetModuleLogs

  @Test
  void linesComeAsTextInTheFormOfIotEdge() {
    log("reader", 1, 6, "read\nmore");
    assertEquals(
        JsonParser.parseString(
            "[{\"id\":\"reader\",\"payload\":"
                + "\"<6> 2025-12-31 23:01:00.000 +00:00 read\\n\\tmore\\n\"}]"),
        ok("GetModuleLogs", "'items':{'id':'reader'}"));
  }

  @Test
  void linesComeAsJsonWithTheKeysOfIotEdge() {
    log("reader", 1, 4, "one");
    log("reader", 2, 6, "two");
    JsonArray answer =
        ok("GetModuleLogs", "'items':{'id':'reader'},'contentType':'json'").getAsJsonArray();
    assertEquals(
        JsonParser.parseString(
            "[{'iothub':'gantry.local','device':'gateway','id':'reader','stream':'stdout',"
                    .replace('\'', '"')
                + "'loglevel':4,'text':'one','timestamp':'2025-12-31T23:01:00Z'},"
                    .replace('\'', '"')
                + "{'iothub':'gantry.local','device':'gateway','id':'reader','stream':'stdout',"
                    .replace('\'', '"')
                + "'loglevel':6,'text':'two','timestamp':'2025-12-31T23:02:00Z'}]"
                    .replace('\'', '"')),
        JsonParser.parseString(answer.get(0).getAsJsonObject().get("payload").getAsString()));
  }

  @Test
  void aModuleThatHasLoggedNothingHasAnEmptyLog() {
    agent.modules = List.of("silent");
    assertEquals(List.of("silent:"), texts("'items':{'id':'silent'}"));
    JsonArray json =
        ok("GetModuleLogs", "'items':{'id':'silent'},'contentType':'json'").getAsJsonArray();
    assertEquals("[]", json.get(0).getAsJsonObject().get("payload").getAsString());
  }

  @Test
  void linesComeCompressedWhenThatIsWanted() throws Exception {
    log("reader", 1, 6, "read");
    JsonObject item =
        ok("GetModuleLogs", "'items':[{'id':'reader'}],'encoding':'gzip'")
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    byte[] zip = Base64.getDecoder().decode(item.get("payloadBytes").getAsString());
    String text =
        new String(new GZIPInputStream(new ByteArrayInputStream(zip)).readAllBytes(), UTF_8);
    assertEquals("<6> 2025-12-31 23:01:00.000 +00:00 read\n", text);
    assertEquals(2, item.size());
  }

  @Test
  void anIdIsAPatternAndTheFirstItemThatMatchesDecides() {
    for (String module : List.of("reader1", "reader2", "writer")) {
      log(module, 1, 6, "a");
      log(module, 2, 6, "b");
      log(module, 3, 6, "c");
    }
    assertEquals(
        List.of("reader1:b\nc\n", "reader2:c\n"),
        texts(
            "'items':[{'id':'^READER1$','filter':{'tail':2}},{'id':'reader','filter':{'tail':1}}]"));
  }

  @Test
  void allMeansEveryModuleAndTheRuntime() {
    log("reader", 1, 6, "a");
    log("edgeHub", 1, 6, "h");
    agent.modules = List.of("silent");
    assertEquals(
        List.of("edgeAgent:", "edgeHub:h\n", "reader:a\n", "silent:"),
        texts("'items':{'id':'all'}"));
  }

  @Test
  void allConditionsOfAFilterHoldTogether() {
    for (int i = 0; i < 30; i++) {
      log("m", i, i % 3 == 0 ? 4 : 6, "Timeout of " + i);
    }
    assertEquals(
        List.of("m:Timeout of 21\nTimeout of 24\n"),
        texts(
            "'items':{'id':'m','filter':{'since':'50 minutes','until':'33m','loglevel':4,"
                + "'regex':'timeout of 2','tail':5}}"));
  }

  @Test
  void anIdThatMatchesNothingHasNoLogs() {
    assertEquals(List.of(), texts("'items':{'id':'nobody'}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'x':1",
        "'items':[]",
        "'items':'all'",
        "'items':[5]",
        "'items':[{}]",
        "'items':{'id':'('}",
        "'items':{'id':'m','filter':{'tail':0}}",
        "'items':{'id':'m','filter':{'since':'soon'}}",
        "'items':{'id':'m','filter':{'loglevel':9}}",
        "'items':{'id':'m','filter':{'regex':'['}}",
        "'items':{'id':'m','filter':5}",
        "'items':{'id':'m'},'encoding':'zip'",
        "'items':{'id':'m'},'contentType':'xml'"
      })
  void badArgumentsAreRefusedWithTheirPlace(String members) {
    assertTrue(refused("GetModuleLogs", members).startsWith("payload."));
  }

  @Test
  void aPatternThatTakesForEverIsRefused() {
    log("m", 1, 6, "x".repeat(5000));
    assertEquals(
        "payload.items[0].filter.regex: expected a regular expression that is quick to find, "
            + "found one that is not",
        refused("GetModuleLogs", "'items':{'id':'m','filter':{'regex':'(x+x+)+y'}}"));
  }

  @Test
  void anAnswerThatIsTooLargeIsRefusedWithAHint() {
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(1000, 'a', 'z').forEach(c -> text.append((char) c));
      log("m", i, 6, text.toString());
    }
    String message = refused("GetModuleLogs", "'items':{'id':'m'}");
    assertTrue(message.contains("127000 bytes") && message.contains("gzip"), message);
    String zipped = refused("GetModuleLogs", "'items':{'id':'m'},'encoding':'gzip'");
    assertTrue(zipped.contains("UploadModuleLogs") && !zipped.contains("use the encoding"), zipped);
    assertEquals(1, texts("'items':{'id':'m','filter':{'tail':100}}").size());
  }

  // ---- uploads

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/container?sig=secret",
        "ftp://example.com/container?sig=secret",
        "https://example.com?sig=secret",
        "https://example.com/?sig=secret",
        "https://user@example.com/container?sig=secret",
        "https:///container?sig=secret",
        "container?sig=secret",
        "https://exa mple.com/container?sig=secret"
      })
  void anAddressThatIsNotSafeIsRefusedWithoutBeingTold(String url) {
    String message = refused("UploadModuleLogs", "'items':{'id':'all'},'sasUrl':'" + url + "'");
    assertTrue(message.startsWith("payload.sasUrl: expected the https address"), message);
    assertTrue(!message.contains("secret"), message);
    refused("UploadSupportBundle", "'sasUrl':'" + url + "'");
  }

  @Test
  void aTaskThatNobodyKnowsIsUnknown() {
    assertEquals(
        JsonParser.parseString(
            "{\"status\":\"Unknown\",\"message\":\"No task of this correlationId is remembered\","
                + "\"correlationId\":\"x\"}"),
        ok("GetTaskStatus", "'correlationId':'x'"));
    refused("GetTaskStatus", "'x':1");
  }

  /** In one spelling, whatever the caller's; and no name that a caller made up becomes a series. */
  @Test
  void callsAreCountedByTheNameOfTheMethod() {
    call("ping", "");
    call("PING", "");
    call("getmodulelogs", "{}");
    call("made-up", "{}");
    assertEquals(
        Map.of(
            "invocations{method_name=\"ping\"}", 2.0,
            "invocations{method_name=\"GetModuleLogs\"}", 1.0),
        metrics.values());
  }
}
