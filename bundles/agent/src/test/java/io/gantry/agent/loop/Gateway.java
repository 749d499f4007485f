package io.gantry.agent.loop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.metric.AgentMetrics;
import io.gantry.agent.report.Build;
import io.gantry.agent.report.ReportedProperties;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.testkit.metrics.FakeMetrics;
import io.gantry.testkit.module.FakeModuleRuntime;
import io.gantry.testkit.security.FakeVault;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A gateway with an agent in it, whose time the test moves. */
final class Gateway {

  final ManualTime time = new ManualTime();
  final FakeModuleRuntime runtime = new FakeModuleRuntime();
  final FakeHub hub = new FakeHub();
  FakeStore store = new FakeStore();
  final FakeVault vault = new FakeVault();
  final FakeMetrics metrics = new FakeMetrics();
  ManualThreads threads = new ManualThreads();
  Agent agent = newAgent();

  private Agent newAgent() {
    Environment environment =
        new Environment(
            runtime,
            hub,
            store.table("agent"),
            vault,
            threads.serial("agent"),
            time,
            time,
            new AgentMetrics(metrics, time, "1.2.3"));
    return new Agent(
        environment, new ReportedProperties(new Build("1.2.3", "7", "abc"), "Linux", "aarch64"));
  }

  static Gateway started() {
    Gateway gateway = new Gateway();
    gateway.start(Optional.empty());
    return gateway;
  }

  void start(Optional<Path> initialDeployment) {
    agent.start(initialDeployment);
    threads.runAll();
  }

  /** The process dies, all that was installed with it, and starts again. */
  void crashAndBoot() {
    threads = new ManualThreads();
    runtime.restart();
    runtime.forgetCalls();
    agent = newAgent();
    start(Optional.empty());
  }

  /** As above, and what was not durable is lost. */
  void powerCut() {
    store = store.afterCrash();
    crashAndBoot();
  }

  /** Only the agent is started anew, as when its bundle is updated; the modules stay. */
  void restartAgent() {
    restartAgent(Optional.empty());
  }

  void restartAgent(Optional<Path> initialDeployment) {
    threads = new ManualThreads();
    agent = newAgent();
    start(initialDeployment);
  }

  /** Closes the agent as its component does; what waits runs first, since close waits for it. */
  void closeAgent() throws InterruptedException {
    stop();
    agent.close();
  }

  /** The process ends in order and starts again. */
  void stopAndBoot() {
    stop();
    crashAndBoot();
  }

  void stop() {
    CompletableFuture<Void> stopped = agent.stop().toCompletableFuture();
    threads.runAll();
    stopped.getNow(null);
  }

  CompletableFuture<DeployResult> ask(String manifest) {
    CompletableFuture<DeployResult> result = agent.deploy(manifest).toCompletableFuture();
    threads.runAll();
    return result;
  }

  DeployResult deploy(String manifest) {
    CompletableFuture<DeployResult> result = ask(manifest);
    assertTrue(result.isDone(), "the deployment still waits for something");
    return result.join();
  }

  void pass(Duration duration) {
    for (long second = 0; second < duration.toSeconds(); second++) {
      time.advance(Duration.ofSeconds(1));
      threads.runAll();
    }
  }

  void run() {
    threads.runAll();
  }

  ModuleReport module(String name) {
    return agent.modules().stream()
        .filter(module -> module.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no module " + name + " in " + agent.modules()));
  }

  /** All statuses, as {@code a running, b backoff}. */
  String statuses() {
    return agent.modules().stream()
        .map(module -> module.name() + " " + module.status())
        .collect(Collectors.joining(", "));
  }

  JsonObject reported() {
    return JsonParser.parseString(agent.reported()).getAsJsonObject();
  }

  /** A member of what is reported of a module; nothing when it has none. */
  String reported(String module, String member) {
    return Optional.ofNullable(
            reported().getAsJsonObject("modules").getAsJsonObject(module).get(member))
        .map(JsonElement::getAsString)
        .orElse("");
  }

  int code() {
    return reported().getAsJsonObject("lastDesiredStatus").get("code").getAsInt();
  }

  String description() {
    return reported().getAsJsonObject("lastDesiredStatus").get("description").getAsString();
  }

  /** The history, oldest first, as {@code 1 replaced, 2 in force}. */
  String history() {
    List<String> states = new ArrayList<>();
    agent
        .history()
        .forEach(
            known ->
                states.add(
                    0,
                    known.number()
                        + " "
                        + known.state().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
    return String.join(", ", states);
  }

  DeployResult undo() {
    CompletableFuture<DeployResult> result = agent.undo().toCompletableFuture();
    threads.runAll();
    assertTrue(result.isDone(), "the undo still waits for something");
    return result.join();
  }

  boolean cancel() {
    CompletableFuture<Boolean> result = agent.cancel().toCompletableFuture();
    threads.runAll();
    return result.join();
  }

  DryRun dryRun(String manifest) {
    CompletableFuture<DryRun> result = agent.dryRun(manifest).toCompletableFuture();
    threads.runAll();
    return result.join();
  }

  /** The calls on the engine room since the last time, in order. */
  String calls() {
    String calls = String.join(", ", runtime.calls());
    runtime.forgetCalls();
    return calls;
  }
}
