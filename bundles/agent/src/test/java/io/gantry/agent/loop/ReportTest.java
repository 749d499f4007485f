package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reported properties as section 9 of the IoT Edge agent's description has them. */
class ReportTest {

  private static final String SECRET = "hunter2";

  private static String withLogin(String manifest) {
    return manifest.replace(
        "\"minDockerVersion\":\"v1.25\"",
        "\"minDockerVersion\":\"v1.25\",\"loggingOptions\":\"\",\"registryCredentials\":{\"plant\":{"
            + "\"address\":\"reg.example\",\"username\":\"u\",\"password\":\""
            + SECRET
            + "\"}}");
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }

  @Test
  void theWholeDocument() {
    Gateway gateway = Gateway.started();
    gateway.deploy(
        withLogin(
            of(
                module(
                    "reader",
                    "1.4.0",
                    "\"version\":\"1.4\"",
                    "\"restartPolicy\":\"always\"",
                    "\"startupOrder\":1",
                    "\"env\":{\"PERIOD_MS\":{\"value\":500}}"),
                member("rest", "test.rest:2", "stopped"))));
    gateway.pass(Duration.ofSeconds(5));
    gateway.runtime.crash("reader", "boom");
    gateway.run();
    gateway.pass(Duration.ofSeconds(10));
    gateway.runtime.crash("reader", "boom again");
    gateway.run();
    String hash = "sha256:" + gateway.runtime.installed("reader").prepared().sha256();
    String restHash = "sha256:" + gateway.runtime.installed("rest").prepared().sha256();
    assertEquals(
        json(
            "{'schemaVersion':'1.0','version':{'version':'1.2.3','build':'7','commit':'abc'},"
                + "'lastDesiredVersion':1,'lastDesiredStatus':{'code':200,'description':''},"
                + "'heartbeat':{'lastTimeUtc':'2026-01-01T00:00:00Z'},"
                + "'runtime':{'type':'docker','settings':{'minDockerVersion':'v1.25',"
                + "'loggingOptions':'','registryCredentials':{'plant':{'address':'reg.example',"
                + "'username':'u'}}},'platform':{'os':'linux','architecture':'aarch64',"
                + "'version':'1.2.3'}},"
                + "'systemModules':{'edgeAgent':{'type':'docker','exitCode':0,"
                + "'statusDescription':'running','lastStartTimeUtc':'2026-01-01T00:00:00Z',"
                + "'lastExitTimeUtc':'0001-01-01T00:00:00Z','runtimeStatus':'running',"
                + "'imagePullPolicy':'on-create','settings':{"
                + "'image':'mcr.microsoft.com/azureiotedge-agent:1.5','createOptions':'{}'},"
                + "'env':{}},"
                + "'edgeHub':{'type':'docker','exitCode':0,"
                + "'statusDescription':'running','lastStartTimeUtc':'2026-01-01T00:00:00Z',"
                + "'lastExitTimeUtc':'0001-01-01T00:00:00Z','runtimeStatus':'running',"
                + "'imagePullPolicy':'on-create','settings':{"
                + "'image':'mcr.microsoft.com/azureiotedge-hub:1.5','createOptions':'{}'},"
                + "'env':{},'status':'running','restartPolicy':'always','restartCount':0,"
                + "'lastRestartTimeUtc':'0001-01-01T00:00:00Z'}},"
                + "'modules':{'reader':{'exitCode':1,"
                + "'statusDescription':'boom again; it is started again at 2026-01-01T00:00:35Z',"
                + "'lastStartTimeUtc':'2026-01-01T00:00:15Z',"
                + "'lastExitTimeUtc':'2026-01-01T00:00:15Z','restartCount':1,"
                + "'lastRestartTimeUtc':'2026-01-01T00:00:15Z','runtimeStatus':'backoff',"
                + "'lastError':'boom again','lastRestartReason':'boom',"
                + "'version':'1.4','status':'running','restartPolicy':'always',"
                + "'imagePullPolicy':'on-create','startupOrder':1,'type':'bundle',"
                + "'settings':{'image':'test.reader:1.4.0','imageHash':'"
                + hash
                + "','createOptions':'{}'},'env':{'PERIOD_MS':{'value':'500'}}},"
                + "'rest':{'exitCode':0,'statusDescription':'stopped',"
                + "'lastStartTimeUtc':'0001-01-01T00:00:00Z',"
                + "'lastExitTimeUtc':'0001-01-01T00:00:00Z','restartCount':0,"
                + "'lastRestartTimeUtc':'0001-01-01T00:00:00Z','runtimeStatus':'stopped',"
                + "'version':'','status':'stopped','restartPolicy':'on-unhealthy',"
                + "'imagePullPolicy':'on-create','type':'bundle',"
                + "'settings':{'image':'test.rest:2','imageHash':'"
                + restHash
                + "','createOptions':'{}'},'env':{}}}}"),
        gateway.reported());
  }

  @Test
  void theHeartbeatMovesEveryFiveMinutes() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    List<String> told = new ArrayList<>();
    gateway.agent.listen(
        () ->
            told.add(
                gateway.reported().getAsJsonObject("heartbeat").get("lastTimeUtc").getAsString()));
    gateway.pass(Duration.ofMinutes(10));
    assertEquals(List.of("2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"), told);
  }

  @Test
  void longCreateOptionsAreCutAsInManifests() {
    Gateway gateway = Gateway.started();
    String options = "{'configuration':{'p':{'k':'" + "x".repeat(1200) + "'}}}";
    gateway.deploy(
        of(
            "\"a\":{\"type\":\"bundle\",\"status\":\"running\",\"settings\":{\"image\":\"x:1\","
                + "\"createOptions\":"
                + options.replace('\'', '"')
                + "}}"));
    JsonObject settings =
        gateway
            .reported()
            .getAsJsonObject("modules")
            .getAsJsonObject("a")
            .getAsJsonObject("settings");
    assertEquals(512, settings.get("createOptions").getAsString().length());
    assertEquals(
        options.replace('\'', '"'),
        settings.get("createOptions").getAsString()
            + settings.get("createOptions01").getAsString()
            + settings.get("createOptions02").getAsString());
  }

  @Test
  void afterTheStopNothingIsClaimed() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.stop();
    JsonObject reported = gateway.reported();
    assertEquals(406, gateway.code());
    for (JsonObject module :
        List.of(
            reported.getAsJsonObject("modules").getAsJsonObject("a"),
            reported.getAsJsonObject("systemModules").getAsJsonObject("edgeHub"))) {
      assertEquals("unknown", module.get("runtimeStatus").getAsString());
    }
  }

  @Test
  void aPasswordIsNowhere() {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    StringBuilder said = new StringBuilder();
    try {
      Gateway gateway = Gateway.started();
      gateway.runtime.fail(Step.START, "b", "no repository");
      String good =
          withLogin(
              of(
                  module("a", "1.0", "\"env\":{\"PLC_PASSWORD\":{\"value\":\"" + SECRET + "\"}}"),
                  module("b", "1.0")));
      said.append(gateway.deploy(good)).append(gateway.agent.reported());
      said.append(gateway.agent.modules());
      said.append(gateway.deploy(good.replace("\"u\"", "\"\""))).append(gateway.agent.reported());
      said.append(gateway.deploy(good.replace("\"u\"", "7"))).append(gateway.agent.reported());
      said.append(gateway.deploy(good.substring(0, good.indexOf(SECRET) + 3)));
      said.append(gateway.agent.reported());
      for (String key : gateway.store.table("agent").keys()) {
        said.append(new String(gateway.store.table("agent").get(key).orElseThrow(), UTF_8));
      }
      gateway.crashAndBoot();
      gateway.stop();
      said.append(gateway.agent.reported()).append(gateway.agent.modules());
    } finally {
      System.setErr(console);
    }
    assertTrue(log.toString(UTF_8).contains("AGENT-03"), "the log is seen by this test");
    assertFalse(log.toString(UTF_8).contains("hun"), log.toString(UTF_8));
    assertFalse(said.toString().contains("hun"), said.toString());
    assertTrue(said.toString().contains("***"), "the environment is masked, not left out");
  }
}
