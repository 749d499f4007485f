package io.gantry.console.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.RequestException;
import io.gantry.console.status.FakeEventLog;
import io.gantry.console.status.FakeGateway;
import io.gantry.console.status.FakeGateway.FakeAgent;
import io.gantry.console.status.ProcessFacts;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GantryCommandsTest {

  @TempDir Path folder;
  private final FakeGateway gateway = new FakeGateway();
  private final GantryCommands commands =
      new GantryCommands(gateway, new ProcessFacts("0.1.0", new ManualTime()));

  @Test
  void withoutServicesTheCommandsSayWhatIsMissing() throws Exception {
    assertTrue(commands.status().contains("missing agent"));
    assertEquals("", commands.events(5));
    assertEquals("the agent is not there\n", commands.deploy("nowhere"));
  }

  @Test
  void eventsShowsTheNewestTheOldestOfThemFirst() throws Exception {
    FakeEventLog events = new FakeEventLog();
    for (String body : List.of("a", "b", "c")) {
      events.add("d", Message.of(Payload.ofText(body)));
    }
    gateway.events = Optional.of(events);
    assertEquals(
        "1  2026-03-01T08:00:00Z  d  []  b\n2  2026-03-01T08:00:00Z  d  []  c\n",
        commands.events(2));
  }

  @Test
  void deployHandsTheFileToTheAgent() throws Exception {
    FakeAgent agent = new FakeAgent();
    gateway.deployments = Optional.of(agent);
    Path file = Files.writeString(folder.resolve("m.json"), "{}");
    assertEquals("deployment 1 is in force\n", commands.deploy(file.toString()));
    assertEquals(List.of("{}"), agent.manifests);
  }

  @Test
  void historyUndoAndRestartAreThoseOfTheAgent() throws Exception {
    assertEquals("the agent is not there\n", commands.history());
    assertEquals("the agent is not there\n", commands.undo());
    assertEquals("the agent is not there\n", commands.restart("m"));
    FakeAgent agent = new FakeAgent();
    gateway.deployments = Optional.of(agent);
    assertEquals("there has been no deployment yet\n", commands.history());
    assertEquals("deployment 1 is in force\n", commands.undo());
    assertEquals("restarted m\n", commands.restart("m"));
    agent.restart = CompletableFuture.failedFuture(new RequestException(404, "no module m"));
    assertEquals("not restarted: no module m\n", commands.restart("m"));
  }
}
