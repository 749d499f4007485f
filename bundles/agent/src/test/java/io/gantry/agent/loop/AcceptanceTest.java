package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.HUB;
import static io.gantry.agent.Manifests.agent;
import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an agent that stands in for that of IoT Edge must do, row by row, through the door that
 * deployments come in by and the reported properties that back ends read. Row 7 is about patches of
 * a manifest from a cloud, which a gateway without one never gets; row 8 goes on where the reporter
 * makes differences, and row 11, methods, is there too: in the agent as a client of the hub.
 */
class AcceptanceTest {

  private static final String GOOD = of(module("a", "1.0"));

  private final Gateway gateway = Gateway.started();

  private static String version(String schemaVersion) {
    return "{\"$edgeAgent\":" + agent(schemaVersion) + ",\"$edgeHub\":" + HUB + "}";
  }

  private void refused(int code, String manifest) {
    DeployResult result = gateway.deploy(manifest);
    assertEquals(code, result.code(), result.toString());
    assertFalse(result.errors().isEmpty());
    assertEquals(code, gateway.code());
    assertEquals(String.join("; ", result.errors()), gateway.description());
  }

  // 1

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1", "1.1.0"})
  void row1aKnownSchemaVersionIsTaken(String version) {
    assertEquals(200, gateway.deploy(version(version)).code());
    assertEquals(200, gateway.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1", "1.2", "2.0", "", "abc"})
  void row1anotherSchemaVersionIs412(String version) {
    refused(412, version(version));
  }

  // 2

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'type':'bundle','settings':{'image':'x'}}|status",
        "{'type':'rpm','status':'running','settings':{'image':'x'}}|type",
        "{'type':'bundle','status':'running','settings':{'image':' '}}|settings.image",
        "{'type':'bundle','status':'running','settings':{'image':'x','createOptions':'{'}}|"
            + "settings.createOptions",
      })
  void row2aMalformedModuleIs400AndTheNextGoodManifestIs200(String module, String path) {
    refused(400, of("\"a\":" + module.replace('\'', '"')));
    assertTrue(
        gateway
            .description()
            .startsWith("modulesContent.$edgeAgent.properties.desired.modules.a." + path + ": "),
        gateway.description());
    assertEquals(200, gateway.deploy(GOOD).code());
    assertEquals(200, gateway.code());
    assertEquals("", gateway.description());
    assertEquals("a running", gateway.statuses());
  }

  /** It is told as the last that came, with the number of what has come into force since. */
  @Test
  void row2aMalformedManifestDoesNotKeepFromForceWhatWasOnItsWay() {
    gateway.deploy(GOOD);
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    assertEquals(400, gateway.deploy("{").code());
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("b running", gateway.statuses());
    assertEquals(400, gateway.code());
    assertEquals(2, gateway.reported().get("lastDesiredVersion").getAsInt());
  }

  // 3

  @Test
  void row3emptyDesiredPropertiesAre417() {
    gateway.deploy(GOOD);
    refused(417, "{\"$edgeAgent\":{},\"$edgeHub\":" + HUB + "}");
    assertEquals("a running", gateway.statuses(), "what runs goes on");
  }

  @Test
  void row3beforeTheFirstPassNothingIsKnownAndAfterTheStopNothingIsClaimed() {
    Gateway fresh = new Gateway();
    assertEquals(406, fresh.code());
    gateway.deploy(GOOD);
    assertEquals(200, gateway.code());
    gateway.stop();
    assertEquals(406, gateway.code());
    assertEquals("Agent is not running", gateway.description());
    assertEquals("a unknown", gateway.statuses());
    JsonObject reported = gateway.reported();
    for (JsonObject module :
        List.of(
            reported.getAsJsonObject("modules").getAsJsonObject("a"),
            reported.getAsJsonObject("systemModules").getAsJsonObject("edgeAgent"),
            reported.getAsJsonObject("systemModules").getAsJsonObject("edgeHub"))) {
      assertEquals("unknown", module.get("runtimeStatus").getAsString());
    }
  }

  // 4

  @Test
  void row4whatIsLeftOutIsReportedAsItsDefault() {
    gateway.deploy(of(module("a", "1.0")).replace("\"restartPolicy\":\"always\",", ""));
    JsonObject module = gateway.reported().getAsJsonObject("modules").getAsJsonObject("a");
    assertEquals("on-unhealthy", module.get("restartPolicy").getAsString());
    assertEquals("on-create", module.get("imagePullPolicy").getAsString());
    assertFalse(module.has("startupOrder"), "the last place is left out");
    JsonObject hub = gateway.reported().getAsJsonObject("systemModules").getAsJsonObject("edgeHub");
    assertEquals("always", hub.get("restartPolicy").getAsString());
    assertFalse(hub.has("startupOrder"));
  }

  // 5

  @Test
  void row5theWaitsDoubleAndEndWithTenMinutesOfRunningAndNeverForGood() {
    gateway.deploy(GOOD);
    for (int restart = 0; restart < 25; restart++) {
      int wait = restart < 5 ? 10 << restart : 300;
      gateway.runtime.crash("a", "boom");
      gateway.run();
      gateway.pass(Duration.ofSeconds(wait - 1));
      assertEquals("a backoff", gateway.statuses(), "restart " + restart);
      gateway.pass(Duration.ofSeconds(1));
      assertEquals("a running", gateway.statuses(), "restart " + restart);
      assertEquals(Integer.toString(restart + 1), gateway.reported("a", "restartCount"));
      assertEquals("boom", gateway.reported("a", "lastRestartReason"));
      assertEquals(gateway.time.instant().toString(), gateway.reported("a", "lastRestartTimeUtc"));
    }
    gateway.pass(Duration.ofMinutes(10));
    assertEquals("0", gateway.reported("a", "restartCount"));
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("a running", gateway.statuses());
  }

  // 6

  /** At every start, too; and one that does not start keeps none of the others. */
  @Test
  void row6removalsComeFirstThenAscendingStartupOrder() {
    String[] wanted = {
      module("a", "1.0", "\"startupOrder\":3"),
      module("b", "1.0", "\"startupOrder\":2"),
      module("c", "1.0", "\"startupOrder\":1"),
      module("d", "1.0")
    };
    gateway.deploy(of(module("z", "1.0")));
    gateway.calls();
    gateway.runtime.fail(Step.START, "b", "no");
    gateway.deploy(of(wanted));
    String inOrder =
        "install c, start c, install b, start b, install a, start a, install d, start d";
    assertEquals("remove z, " + inOrder, gateway.calls().replaceAll("prepare ., ", ""));
    assertEquals("a running, b backoff, c running, d running", gateway.statuses());
    gateway.crashAndBoot();
    assertEquals(inOrder, gateway.calls());
  }

  // 8

  /** The reporter sends differences: there must be none when there is nothing to tell. */
  @Test
  void row8whatDoesNotChangeIsReportedInTheSameWords() {
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    String before = gateway.agent.reported();
    gateway.run();
    assertEquals(before, gateway.agent.reported());
    gateway.deploy(of(module("b", "1.0")));
    JsonObject modules = gateway.reported().getAsJsonObject("modules");
    assertEquals("[b]", modules.keySet().toString(), "a module that is removed is in no report");
  }

  /** Modules and repositories say what went wrong in words of their own. */
  @Test
  void row8noPasswordIsReportedThatAnExceptionTells() {
    String secret = "hunter2";
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.crash("a", "cannot reach amqps://u:" + secret + "@plc/x");
    gateway.run();
    gateway.runtime.fail(Step.PREPARE, "b", "https://u:" + secret + "@reg.example: 401");
    gateway.deploy(of(module("a", "1.0"), module("b", "2.0")));
    String said = gateway.agent.reported() + gateway.agent.modules() + gateway.agent.history();
    assertFalse(said.contains(secret), said);
    assertTrue(said.contains("amqps://***@plc/x") && said.contains("https://***@reg"), said);
  }

  @Test
  void row8noPasswordIsReported() {
    String secret = "hunter2";
    gateway.deploy(
        of(module(
                "a",
                "1.0",
                "\"env\":{\"DB_PASSWORD\":{\"value\":\""
                    + secret
                    + "\"},"
                    + "\"SERVER\":{\"value\":\"amqps://u:"
                    + secret
                    + "@plc/x\"}}"))
            .replace(
                "\"minDockerVersion\":\"v1.25\"",
                "\"loggingOptions\":\"{\\\"password\\\":\\\""
                    + secret
                    + "\\\"}\","
                    + "\"registryCredentials\":{\"one\":{\"address\":\"reg.example\","
                    + "\"username\":\"u\",\"password\":\""
                    + secret
                    + "\"},"
                    + "\"two\":{\"address\":\"other.example\",\"token\":\""
                    + secret
                    + "\"}}")
            .replace(
                "\"image\":\"test.a:1.0\"",
                "\"image\":\"test.a:1.0\",\"createOptions\":{\"configuration\":{\"p\":{"
                    + "\"secret\":\""
                    + secret
                    + "\",\"url\":\"ftp://u:"
                    + secret
                    + "@plc/x\"}}}"));
    assertEquals("a running", gateway.statuses());
    String reported = gateway.agent.reported();
    assertFalse(reported.contains(secret), reported);
    assertTrue(reported.contains("other.example") && reported.contains("DB_PASSWORD"), reported);
    assertTrue(reported.contains("amqps://***@plc/x"), reported);
  }

  // 9

  @Test
  void row9withoutANetworkTheLastGoodManifestIsUsedAndSupervised() {
    gateway.deploy(GOOD);
    gateway.runtime.fail(Step.PREPARE, "a", "no network");
    gateway.powerCut();
    assertEquals("a running", gateway.statuses());
    assertEquals(200, gateway.code());
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("a running", gateway.statuses());
  }

  // 10

  @Test
  void row10oneThatFailsStopsNoOtherAndRecoversWithoutANewManifest() {
    gateway.runtime.fail(Step.START, "a", "no license");
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    assertEquals("a backoff, b running", gateway.statuses());
    assertEquals(500, gateway.code());
    assertEquals("module a: start failed: no license", gateway.description());
    assertEquals("start failed: no license", gateway.reported("a", "lastError"));
    gateway.runtime.heal(Step.START, "a");
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("a running, b running", gateway.statuses());
    assertEquals(200, gateway.code());
    assertEquals("", gateway.description());
  }

  // 12

  /** What has no truth here is not there at all: the list is complete. */
  @Test
  void row12theFiguresHaveTheNamesAndLabelsOfIotEdgeAndCountersEndInTotal() {
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.deploy(of(module("a", "1.1"), module("b", "1.0")));
    gateway.agent.restart("a");
    gateway.run();
    gateway.deploy(of(member("a", "test.a:1.1", "stopped")));
    assertEquals(
        List.of(
            "counter edgeAgent_module_prepare_update_total module_name,module_version",
            "counter edgeAgent_module_start_total module_name,module_version",
            "counter edgeAgent_module_stop_total module_name,module_version",
            "gauge edgeAgent_metadata edge_agent_version,experimental_features,host_information",
            "gauge edgeAgent_total_time_expected_running_seconds module_name",
            "gauge edgeAgent_total_time_running_correctly_seconds module_name",
            "summary edgeAgent_command_latency_seconds command",
            "summary edgeAgent_deployment_time_seconds "),
        gateway.metrics.shapes());
    assertEquals(
        List.of("create", "prepareUpdate", "remove", "restart", "start", "stop", "update"),
        gateway.metrics.observed().keySet().stream()
            .filter(series -> series.contains("command="))
            .map(series -> series.replaceAll(".*command=\"(.*)\".*", "$1"))
            .toList());
  }
}
