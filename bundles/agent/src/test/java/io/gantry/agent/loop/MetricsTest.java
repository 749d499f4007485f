package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What monitoring reads of the agent, after things have happened to it. */
class MetricsTest {

  private final Gateway gateway = Gateway.started();

  /** Of one figure, by the values of its labels. */
  private SortedMap<String, Double> values(String name) {
    SortedMap<String, Double> found = new TreeMap<>();
    gateway
        .metrics
        .values()
        .forEach(
            (series, value) -> {
              if (series.startsWith("edgeAgent_" + name + "{")) {
                found.put(labels(series), value);
              }
            });
    return found;
  }

  private static String labels(String series) {
    return series.replaceAll(".*\\{|}|[a-z_]+=|\"", "");
  }

  private String steps() {
    return "starts "
        + values("module_start_total")
        + " stops "
        + values("module_stop_total")
        + " preparations "
        + values("module_prepare_update_total");
  }

  private Map<String, List<Double>> latencies() {
    SortedMap<String, List<Double>> found = new TreeMap<>();
    gateway
        .metrics
        .observed()
        .forEach(
            (series, values) -> {
              if (series.contains("command_latency")) {
                found.put(labels(series), values);
              }
            });
    return found;
  }

  private List<Double> deployments() {
    return gateway.metrics.observed().getOrDefault("edgeAgent_deployment_time_seconds", List.of());
  }

  private String availability(String module) {
    return values("total_time_running_correctly_seconds").get(module)
        + " of "
        + values("total_time_expected_running_seconds").get(module);
  }

  @Test
  void startsStopsAndPreparationsAreCountedWithTheVersionOfTheBundle() {
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(
        "starts {a,1.0=1.0} stops {} preparations {a,1.0=1.0}",
        steps(),
        "what was prepared for the deployment is not prepared again");
    gateway.deploy(of(module("a", "1.1")));
    assertEquals(
        "starts {a,1.0=1.0, a,1.1=1.0} stops {a,1.0=1.0} preparations {a,1.0=1.0, a,1.1=1.0}",
        steps(),
        "the new one takes over from the old one");
    gateway.agent.restart("a");
    gateway.run();
    gateway.deploy(of(member("a", "test.a:1.1", "stopped")));
    assertEquals(
        "starts {a,1.0=1.0, a,1.1=2.0} stops {a,1.0=1.0, a,1.1=2.0}"
            + " preparations {a,1.0=1.0, a,1.1=1.0}",
        steps());
    gateway.deploy(of());
    assertTrue(
        steps().contains("stops {a,1.0=1.0, a,1.1=2.0}"), "what does not run is not stopped");
  }

  @Test
  void aModuleThatEndedByItselfIsStartedAgainAndWasNotStopped() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.crash("a", "out of luck");
    gateway.pass(Duration.ofSeconds(15));
    assertEquals("a running", gateway.statuses());
    assertEquals("starts {a,1.0=2.0} stops {} preparations {a,1.0=1.0}", steps());
    assertEquals(1, latencies().get("restart").size());
  }

  /** Tries count: an operator looks for what is tried in vain. */
  @Test
  void whatFailsIsCountedAndTimedToo() {
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.ask(of(module("a", "1.0")));
    assertEquals("starts {} stops {} preparations {a,=1.0}", steps());
    assertEquals(Map.of("prepareUpdate", List.of(0.0)), latencies());
    assertEquals(List.of(), deployments());
  }

  @Test
  void aCommandIsTimedFromItsBeginToItsEnd() {
    gateway.runtime.hold(Step.START, "a");
    gateway.ask(of(module("a", "1.0")));
    gateway.pass(Duration.ofSeconds(3));
    assertFalse(latencies().containsKey("start"), "it has not ended");
    gateway.runtime.release(Step.START, "a");
    gateway.run();
    assertEquals(List.of(3.0), latencies().get("start"));
    assertEquals(List.of(0.0), latencies().get("create"));
  }

  @Test
  void theTimeOfADeploymentEndsWhenAllIsAsDeclaredForTheFirstTime() {
    gateway.runtime.fail(Step.START, "a", "not yet");
    gateway.ask(of(module("a", "1.0")));
    assertEquals(List.of(), deployments(), "it is in force, but has not been reached");
    gateway.runtime.heal(Step.START, "a");
    gateway.pass(Duration.ofSeconds(30));
    assertEquals("a running", gateway.statuses());
    assertEquals(1, deployments().size());
    assertTrue(deployments().get(0) >= 5 && deployments().get(0) <= 30, deployments()::toString);
    gateway.runtime.crash("a", "later");
    gateway.pass(Duration.ofSeconds(60));
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(1, deployments().size(), "a restart is no deployment, nor is the same again");
    gateway.deploy(of(module("a", "1.1")));
    gateway.undo();
    assertEquals(3, deployments().size());
  }

  @Test
  void aModuleIsAvailableWhileItRunsAndExpectedWhileItIsDeclaredTo() {
    gateway.deploy(of(module("a", "1.0"), member("b", "test.b:1.0", "stopped")));
    gateway.pass(Duration.ofSeconds(100));
    assertEquals("100.0 of 100.0", availability("a"));
    assertEquals("0.0 of 0.0", availability("b"));
    gateway.runtime.fail(Step.START, "a", "broken");
    gateway.runtime.crash("a", "broken");
    gateway.run();
    gateway.pass(Duration.ofSeconds(60));
    assertEquals("100.0 of 160.0", availability("a"));
    gateway.deploy(of(member("a", "test.a:1.0", "stopped")));
    gateway.pass(Duration.ofSeconds(200));
    assertEquals("100.0 of 160.0", availability("a"), "nobody expects it to run");
    assertEquals(null, values("total_time_expected_running_seconds").get("b"), "b is no more");
  }

  /** Between two looks of the agent, too: who reads twice a minute wants to see it move. */
  @Test
  void availabilityIsTrueAtTheMomentItIsRead() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.time.advance(Duration.ofSeconds(20));
    assertEquals("20.0 of 20.0", availability("a"));
  }

  /** A gateway without a clock of its own gets its time from the network after it has started. */
  @Test
  void aClockThatIsSetIsNoTimeThatHasPassed() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.pass(Duration.ofSeconds(30));
    gateway.time.set(gateway.time.instant().plus(Duration.ofDays(20_000)));
    gateway.pass(Duration.ofSeconds(90));
    String forwards = availability("a");
    assertTrue(seconds(forwards) >= 60 && seconds(forwards) <= 120, forwards);
    gateway.time.set(gateway.time.instant().minus(Duration.ofDays(20_000)));
    gateway.pass(Duration.ofSeconds(90));
    String back = availability("a");
    assertTrue(seconds(back) >= seconds(forwards) + 30, back);
    assertTrue(seconds(back) <= seconds(forwards) + 90, back);
  }

  private static double seconds(String availability) {
    String[] parts = availability.split(" of ");
    assertEquals(parts[0], parts[1]);
    return Double.parseDouble(parts[0]);
  }

  /** What is not in force is nobody's expectation. */
  @Test
  void aModuleOfADeploymentThatWaitsIsNotExpected() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.ask(of(module("a", "1.0"), module("b", "1.0")));
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("10.0 of 10.0", availability("a"));
    assertEquals(null, values("total_time_expected_running_seconds").get("b"));
  }

  @Test
  void anAgentThatHasStoppedClaimsNothingOfModulesAnyMore() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.stop();
    assertEquals(Map.of(), values("total_time_expected_running_seconds"));
    assertEquals(Map.of("a,1.0", 1.0), values("module_start_total"), "counts go on");
  }

  @Test
  void metadataTellsWhatTheGatewayIsMadeOf() {
    String series =
        gateway.metrics.values().keySet().stream()
            .filter(one -> one.startsWith("edgeAgent_metadata{"))
            .findFirst()
            .orElseThrow();
    assertTrue(series.contains("edge_agent_version=\"1.2.3\""), series);
    assertTrue(series.contains("\"os.arch\":"), series);
  }
}
