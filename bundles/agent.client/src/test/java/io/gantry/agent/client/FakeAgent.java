package io.gantry.agent.client;

import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An agent that reports what the test says. */
public final class FakeAgent implements Deployments {

  public volatile String reported = "{}";
  public final List<String> restarted = new ArrayList<>();
  public CompletableFuture<Void> restart = CompletableFuture.completedFuture(null);
  public List<String> modules = List.of();

  /** Whether calls of it throw errors. */
  public boolean unlinked;

  private final List<Runnable> listeners = new ArrayList<>();

  /** From now on this is reported, and whoever listens is told. */
  public void report(String json) {
    reported = json.replace('\'', '"');
    List.copyOf(listeners).forEach(Runnable::run);
  }

  public int listeners() {
    return listeners.size();
  }

  @Override
  public CompletionStage<DeployResult> deploy(String manifest) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<DryRun> dryRun(String manifest) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<DeployResult> undo() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Boolean> cancel() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<DeploymentRecord> history() {
    return List.of(
        new DeploymentRecord(
            3,
            DeploymentRecord.State.IN_FORCE,
            "deployed",
            Instant.parse("2026-01-01T00:00:00Z"),
            Optional.empty(),
            "",
            new TreeMap<>(Map.of("reader", "1.2.0"))));
  }

  @Override
  public CompletionStage<Void> restart(String module) {
    if (unlinked) {
      throw new NoClassDefFoundError("a class of the agent");
    }
    restarted.add(module);
    return restart;
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    listeners.add(changed);
    return () -> listeners.remove(changed);
  }

  @Override
  public List<ModuleReport> modules() {
    return modules.stream()
        .map(
            name ->
                new ModuleReport(
                    name,
                    "running",
                    Optional.of("1.0.0"),
                    Optional.empty(),
                    0,
                    Optional.empty(),
                    "image",
                    "running"))
        .toList();
  }

  @Override
  public String reported() {
    if (unlinked) {
      throw new NoClassDefFoundError("a class of the agent");
    }
    return reported;
  }
}
