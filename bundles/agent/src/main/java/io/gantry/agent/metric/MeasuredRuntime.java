package io.gantry.agent.metric;

import io.gantry.agent.plan.ModuleView;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleListener;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The engine room, with a watch on each of its steps: whatever the agent has it do is counted, by
 * the names of the IoT Edge agent, and nothing else of the agent knows about that.
 */
public final class MeasuredRuntime implements ModuleRuntime {

  private final ModuleRuntime runtime;
  private final AgentMetrics metrics;

  /** Does what this one does. */
  public MeasuredRuntime(ModuleRuntime runtime, AgentMetrics metrics) {
    this.runtime = runtime;
    this.metrics = metrics;
  }

  @Override
  public CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress) {
    CompletableFuture<PreparedModule> prepared =
        metrics.timed("prepareUpdate", runtime.prepare(spec, logins, progress));
    prepared.whenComplete(
        (found, failure) -> metrics.prepared(spec.name(), failure == null ? found.version() : ""));
    return prepared;
  }

  @Override
  public CompletionStage<Void> install(PreparedModule module) {
    countStop(module.spec().name());
    return metrics.timed("create", runtime.install(module));
  }

  @Override
  public CompletionStage<Void> swap(PreparedModule module) {
    countStop(module.spec().name());
    metrics.starts(module.spec().name(), module.version());
    return metrics.timed("update", runtime.swap(module));
  }

  @Override
  public CompletionStage<Void> start(String name) {
    metrics.starts(name, find(name).map(module -> module.prepared().version()).orElse(""));
    return metrics.timed("start", runtime.start(name));
  }

  @Override
  public CompletionStage<Void> stop(String name) {
    countStop(name);
    return metrics.timed("stop", runtime.stop(name));
  }

  @Override
  public CompletionStage<Void> remove(String name) {
    countStop(name);
    return metrics.timed("remove", runtime.remove(name));
  }

  /** What has ended by itself is not stopped, though it may be asked for to be sure. */
  private void countStop(String name) {
    find(name)
        .filter(module -> ModuleView.isActive(module.state()))
        .ifPresent(module -> metrics.stops(name, module.prepared().version()));
  }

  private Optional<InstalledModule> find(String name) {
    try {
      return runtime.modules().stream().filter(module -> module.name().equals(name)).findFirst();
    } catch (RuntimeException e) {
      // Whatever is wrong is the step's to find, which must not fail for being counted.
      return Optional.empty();
    }
  }

  @Override
  public List<InstalledModule> modules() {
    return runtime.modules();
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins) {
    return runtime.forecast(spec, logins);
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(PreparedModule module) {
    return runtime.forecast(module);
  }

  @Override
  public CompletionStage<List<List<Disturbance>>> disturbances(List<ModuleMove> moves) {
    return runtime.disturbances(moves);
  }

  @Override
  public CompletionStage<Boolean> holds(PreparedModule module) {
    return runtime.holds(module);
  }

  @Override
  public void retain(Collection<PreparedModule> modules) {
    runtime.retain(modules);
  }

  @Override
  public void use(List<RepositoryLogin> logins) {
    runtime.use(logins);
  }

  @Override
  public AutoCloseable listen(ModuleListener listener) {
    return runtime.listen(listener);
  }
}
