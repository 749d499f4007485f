package io.gantry.console.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.testkit.time.ManualTime;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeploymentFactsTest {

  private final FakeGateway gateway = new FakeGateway();
  private final FakeAgent agent = new FakeAgent();
  private final ManualTime time = new ManualTime();
  private final ProcessFacts process = new ProcessFacts("0.1.0", time);

  private DeploymentRecord record(
      long number, State state, String origin, String description, String... modules) {
    SortedMap<String, String> versions = new TreeMap<>();
    for (String module : modules) {
      versions.put(module, "1.0." + number);
    }
    Instant taken = Instant.parse("2026-03-01T08:00:00.500Z").plusSeconds(number);
    return new DeploymentRecord(
        number, state, origin, taken, Optional.empty(), description, versions);
  }

  private static ModuleReport module(String status, String description, String version) {
    return new ModuleReport(
        "filter",
        status,
        Optional.of(version).filter(text -> !text.isEmpty()),
        Optional.empty(),
        0,
        Optional.empty(),
        "i",
        description);
  }

  private String status() {
    gateway.deployments = Optional.of(agent);
    return StatusText.status(gateway, process, Map.of());
  }

  @Test
  void historyIsATableWithTheModulesOrWhatWentWrongAndLocalTimes() {
    List<DeploymentRecord> history =
        List.of(
            record(12, State.PENDING, "deployed", "fetching acme 2.0"),
            record(11, State.IN_FORCE, "rollback of 10", "", "a", "b"),
            record(10, State.ROLLED_BACK, "deployed", "a was\nunhealthy"));
    assertEquals(
        """
        NUMBER  STATE        ORIGIN          TAKEN                      MODULES OR REASON
        12      pending      deployed        2026-03-01T09:00:12+01:00  fetching acme 2.0
        11      in force     rollback of 10  2026-03-01T09:00:11+01:00  a 1.0.11, b 1.0.11
        10      rolled back  deployed        2026-03-01T09:00:10+01:00  a was\\nunhealthy
        """,
        DeploymentFacts.table(history, ZoneId.of("Europe/Berlin")));
    assertEquals(
        "there has been no deployment yet\n", DeploymentFacts.table(List.of(), ZoneOffset.UTC));
  }

  @Test
  void theStatusNamesTheDeploymentInForceThePendingOneAndARefusalThatIsNewer() {
    time.set(Instant.parse("2026-03-01T08:01:00.500Z"));
    agent.history =
        List.of(
            record(5, State.PENDING, "deployed", "fetching acme"),
            record(4, State.REFUSED, "deployed", "no bundle x"),
            record(3, State.IN_FORCE, "undo of 2", "", "a"),
            record(2, State.REPLACED, "deployed", ""));
    assertTrue(
        status()
            .contains(
                """

                Deployment
                  in force    3 (undo of 2), since 57 s
                  pending     5, since 55 s: fetching acme
                  refused     4, since 56 s: no bundle x
                """),
        status());
    agent.history =
        List.of(record(4, State.IN_FORCE, "deployed", ""), record(3, State.REFUSED, "d", "no"));
    assertFalse(status().contains("refused"), status());
    JsonObject json =
        JsonParser.parseString(StatusJson.status(gateway, process, Map.of()))
            .getAsJsonObject()
            .getAsJsonObject("deployments");
    assertEquals(4, json.getAsJsonObject("inForce").get("number").getAsInt());
    assertTrue(json.get("pending").isJsonNull());
    assertEquals("refused", json.getAsJsonObject("lastRefused").get("state").getAsString());
  }

  private String outcome(int code, long number, String... errors) {
    return DeploymentFacts.outcome(
        new DeployResult(code, number, List.of(errors), List.of("w")), agent.history);
  }

  @Test
  void theOutcomeOfADeploymentIsASentence() {
    agent.history =
        List.of(
            record(9, State.PENDING, "deployed", "x"), record(4, State.IN_FORCE, "deployed", ""));
    assertEquals("deployment 4 is in force\nwarning: w\n", outcome(200, 4));
    assertEquals(
        "deployment 4 is in force, but a step failed; it is tried again\nerror: e\nwarning: w\n",
        outcome(500, 4, "e"));
    assertEquals(
        "deployment 9 waits, deployment 4 stays in force; it is tried again until it can be made"
            + " (gantry cancel gives it up)\nerror: e\nwarning: w\n",
        outcome(500, 9, "e"));
    assertEquals(
        "refused (400): nothing was changed, deployment 4 stays in force\nerror: e\nwarning: w\n",
        outcome(400, 8, "e"));
    assertEquals(
        "deployment 8 could not be made (424): nothing was changed, deployment 4 stays in force\n"
            + "error: e\nwarning: w\n",
        outcome(424, 8, "e"));
    agent.history =
        List.of(
            record(8, State.CANCELLED, "deployed", "somebody gave it up"),
            record(4, State.IN_FORCE, "deployed", ""));
    assertEquals(
        "deployment 8 was cancelled: nothing was changed, deployment 4 stays in force\n"
            + "error: e\nwarning: w\n",
        outcome(424, 8, "e"));
    agent.history =
        List.of(
            record(5, State.IN_FORCE, "rollback of 4", ""),
            record(4, State.ROLLED_BACK, "deployed", ""));
    assertEquals(
        "deployment 4 was rolled back, deployment 5 is in force\nerror: e\nwarning: w\n",
        outcome(500, 4, "e"));
    agent.history = List.of();
    assertEquals("refused (417): nothing was changed\nwarning: w\n", outcome(417, 0));
  }

  @Test
  void anUndoTellsWhatWasGoneBackTo() {
    agent.history = List.of(record(9, State.IN_FORCE, "undo of 8", "", "a"));
    assertEquals("deployment 9 is in force\nundo of 8: a 1.0.9\nwarning: w\n", outcome(200, 9));
    assertEquals(
        "refused (417): nothing was changed, deployment 9 stays in force\n"
            + "error: none\n"
            + "warning: w\n",
        outcome(417, 9, "none"));
  }

  @Test
  void aModuleThatIsNotHealthyIsAWarningWithWhatIsKnown() {
    agent.modules = List.of(module("unhealthy", "health check disk fails", "1.0.0"));
    assertTrue(
        status().contains("\nwarning module filter: unhealthy: health check disk fails\n"),
        status());
    assertTrue(
        status().contains("  filter  unhealthy  1.0.0    -      0         health check disk fails"),
        status());
  }

  @Test
  void aLongDescriptionIsCutInTheTableAndWholeInTheJson() {
    String text = "running, an update waits: " + "x".repeat(100);
    agent.modules = List.of(module("running", text, "1.0.0"));
    assertTrue(status().contains(text.substring(0, 61) + "...  -\n"), status());
    assertTrue(StatusJson.status(gateway, process, Map.of()).contains("\"" + text + "\""));
  }

  @Test
  void whatLiesInTheDropInFolderAndCannotBeAModuleIsAWarning() {
    gateway.dropIns =
        Optional.of(
            new DropIns() {
              @Override
              public List<ModuleSpec> modules() {
                return List.of();
              }

              @Override
              public Map<String, String> problems() {
                return Map.of("a.jar", "it is no bundle");
              }

              @Override
              public AutoCloseable listen(Runnable changed) {
                return () -> {};
              }
            });
    assertTrue(status().contains("\nwarning drop-in a.jar: it is no bundle\n"), status());
    JsonObject json =
        JsonParser.parseString(StatusJson.status(gateway, process, Map.of())).getAsJsonObject();
    assertEquals(
        "it is no bundle", json.getAsJsonObject("dropInProblems").get("a.jar").getAsString());
  }

  @Test
  void progressTellsEachChangeOnceAndAllOfThemInALine() {
    agent.modules = List.of(module("running", "running", "1.0.0"));
    DeployProgress progress = new DeployProgress(agent);
    assertEquals(List.of(), progress.changes());
    assertEquals("", progress.summary());

    agent.history = List.of(record(2, State.PENDING, "deployed", "fetching"));
    assertEquals(List.of("deployment 2: fetching"), progress.changes());
    assertEquals("deployment 2: fetching", progress.summary());

    agent.modules = List.of(module("downloading", "being fetched, 1 of 2 MB", ""));
    assertEquals(List.of("filter: being fetched, 1 of 2 MB"), progress.changes());
    agent.modules = List.of(module("failed", "exit 1", ""));
    assertEquals(List.of("filter: failed, exit 1"), progress.changes());
    assertEquals(List.of(), progress.changes());
    agent.history = List.of();
    agent.modules = List.of(module("running", "", "1.0.1"));
    assertEquals(List.of("filter 1.0.1: running"), progress.changes());
    agent.modules = List.of();
    assertEquals(List.of("filter: removed"), progress.changes());
    assertEquals("filter: removed", progress.summary());
  }
}
