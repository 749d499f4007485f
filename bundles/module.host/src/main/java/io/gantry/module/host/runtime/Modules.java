package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Installer;
import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.bundle.Starter;
import io.gantry.module.host.repository.Cache;
import io.gantry.module.host.repository.Records;
import io.gantry.module.host.resolution.Preparation;
import io.gantry.module.host.watch.FrameworkWatch;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleListener;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps on modules. One serial executor owns the books and all changes of the framework; what
 * may take long happens elsewhere and comes back to it: preparing on an executor of its own, and a
 * module's own code ({@link Call}) on a thread of its own.
 *
 * <p>What a module does by itself is found by looking: an event only says where to look, and the
 * state of the bundle and its components is compared with the books. So it does not matter how late
 * or how often events come.
 */
public final class Modules implements ModuleRuntime, FrameworkWatch.Target {

  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  /** The parts that this class conducts. */
  public record Parts(
      Preparation preparation,
      Installer installer,
      Starter starter,
      Components components,
      ComponentWait componentWait,
      Cache cache,
      Records records) {}

  private final Parts parts;
  private final CompletionStage<Void> frameworkStart;
  private final SerialExecutor owner;
  private final SerialExecutor fetcher;
  private final Map<String, Module> modules = new TreeMap<>();
  private final List<ModuleListener> listeners = new CopyOnWriteArrayList<>();
  private volatile List<InstalledModule> snapshot = List.of();

  /**
   * @param frameworkStart when modules may be installed
   * @param owner owner of the books and of the framework
   * @param fetcher where preparing happens
   */
  public Modules(
      Parts parts,
      CompletionStage<Void> frameworkStart,
      SerialExecutor owner,
      SerialExecutor fetcher) {
    this.parts = parts;
    this.frameworkStart = frameworkStart;
    this.owner = owner;
    this.fetcher = fetcher;
  }

  // ---- steps -------------------------------------------------------------------------------

  @Override
  public List<InstalledModule> modules() {
    return snapshot;
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins) {
    return CompletableFuture.failedFuture(
        new ModuleException("module " + spec.name() + ": no forecast can be made yet"));
  }

  @Override
  public CompletionStage<Void> swap(PreparedModule module) {
    return install(module).thenCompose(installed -> start(module.spec().name()));
  }

  @Override
  public CompletionStage<Boolean> holds(PreparedModule module) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    submit(
        fetcher,
        result,
        () -> {
          parts.installer().check(module);
          result.complete(true);
        });
    return result.exceptionally(lost -> false);
  }

  @Override
  public void retain(Collection<PreparedModule> needed) {
    LOG.debug("The records say what is needed");
  }

  @Override
  public CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress) {
    CompletableFuture<PreparedModule> result = new CompletableFuture<>();
    submit(fetcher, result, () -> result.complete(parts.preparation().prepare(spec)));
    return result;
  }

  @Override
  public CompletionStage<Void> install(PreparedModule prepared) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    frameworkStart.thenRun(() -> submit(owner, result, () -> install(prepared, result)));
    return result;
  }

  /** The new one is put beside the old one first: what cannot be installed costs nothing. */
  private void install(PreparedModule prepared, CompletableFuture<Void> result)
      throws ModuleException {
    String name = prepared.spec().name();
    parts.installer().check(prepared);
    Installed installed = parts.installer().install(prepared);
    Module old = modules.get(name);
    if (old == null) {
      place(installed, result);
      return;
    }
    if (!installed.isSingleton()) {
      resolve(installed);
    }
    stop(old)
        .whenCompleteAsync(
            (done, failure) -> {
              withdraw(old);
              submit(owner, result, () -> place(installed, result));
            },
            owner);
  }

  private void place(Installed installed, CompletableFuture<Void> result) throws ModuleException {
    String name = installed.prepared().spec().name();
    resolve(installed);
    modules.put(name, new Module(name, installed));
    LOG.info("module {}: version {} is installed", name, installed.prepared().version());
    publish();
    remember(() -> parts.records().installed(installed.prepared()));
    result.complete(null);
  }

  private void resolve(Installed installed) throws ModuleException {
    try {
      parts.installer().resolve(installed);
    } catch (ModuleException e) {
      parts.installer().remove(installed);
      throw e;
    }
  }

  @Override
  public CompletionStage<Void> start(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(owner, result, () -> start(name, result));
    return result;
  }

  private void start(String name, CompletableFuture<Void> result) throws ModuleException {
    Module module = modules.get(name);
    if (module == null) {
      throw new ModuleException("module " + name + " cannot be started: it is not installed");
    }
    if (module.state() == State.RUNNING) {
      result.complete(null);
      return;
    }
    if (module.hanging().isPresent()) {
      throw new ModuleException(
          "module "
              + name
              + " cannot be started: a former start or stop of it still hangs; restarting the"
              + " runtime or replacing the module helps");
    }
    module.stepUnderWay(true);
    module.become(State.STARTING, Optional.empty());
    publish();
    Call call = parts.starter().start(module.installed());
    module.called(call);
    call.result()
        .thenComposeAsync(started -> parts.componentWait().until(module.bundle()), owner)
        .whenCompleteAsync(
            (health, failure) -> started(module, health, Optional.ofNullable(failure), result),
            owner);
  }

  private void started(
      Module module,
      Components.Health health,
      Optional<Throwable> failure,
      CompletableFuture<Void> result) {
    Optional<String> crash = module.error();
    if (failure.isEmpty() && crash.isEmpty()) {
      module.stepUnderWay(false);
      module.become(State.RUNNING, health.waiting());
      publish();
      result.complete(null);
      look(module);
      return;
    }
    ModuleException error =
        failure
            .map(thrown -> asModuleException(module.name(), thrown))
            .orElseGet(() -> new ModuleException("module " + module.name() + ": " + crash.get()));
    fail(module, error.getMessage()).thenRun(() -> result.completeExceptionally(error));
  }

  /** A failed module does not half run: its bundle is stopped before the failure is told. */
  private CompletionStage<Void> fail(Module module, String text) {
    return stop(module)
        .exceptionally(hangs -> null)
        .thenRunAsync(
            () -> {
              module.stepUnderWay(false);
              module.become(State.FAILED, Optional.of(text));
              publish();
            },
            owner);
  }

  @Override
  public CompletionStage<Void> stop(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(
        owner,
        result,
        () -> {
          Module module = modules.get(name);
          if (module == null || module.state() == State.STOPPED) {
            result.complete(null);
            return;
          }
          stop(module)
              .whenCompleteAsync(
                  (done, failure) -> stopped(module, Optional.ofNullable(failure), result), owner);
        });
    return result;
  }

  private void stopped(Module module, Optional<Throwable> failure, CompletableFuture<Void> result) {
    module.stepUnderWay(false);
    if (failure.isEmpty()) {
      module.become(State.STOPPED, Optional.empty());
      publish();
      result.complete(null);
      return;
    }
    ModuleException error = asModuleException(module.name(), failure.get());
    module.become(State.FAILED, Optional.of(error.getMessage()));
    publish();
    result.completeExceptionally(error);
  }

  /** Stops the bundle, unless something of it still hangs and holds it. On the owner. */
  private CompletionStage<Void> stop(Module module) {
    module.stepUnderWay(true);
    if (module.hanging().isPresent() || module.bundle().getState() != Bundle.ACTIVE) {
      return CompletableFuture.completedFuture(null);
    }
    Call call = parts.starter().stop(module.installed());
    module.called(call);
    return call.result();
  }

  @Override
  public CompletionStage<Void> remove(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(
        owner,
        result,
        () -> {
          Module module = modules.get(name);
          if (module == null) {
            remember(() -> parts.records().removed(name));
            result.complete(null);
            return;
          }
          stop(module)
              .whenCompleteAsync(
                  (done, failure) -> {
                    withdraw(module);
                    LOG.info("module {} is removed", name);
                    remember(() -> parts.records().removed(name));
                    result.complete(null);
                  },
                  owner);
        });
    return result;
  }

  /** Uninstalls now, or, when the module's code hangs and holds the bundle, as soon as it can. */
  private void withdraw(Module module) {
    modules.remove(module.name(), module);
    publish();
    Runnable uninstall = () -> parts.installer().remove(module.installed());
    Optional<Call> hanging = module.hanging();
    if (hanging.isEmpty()) {
      uninstall.run();
      return;
    }
    LOG.warn("module {}: its bundle is uninstalled when what hangs comes back", module.name());
    hanging.get().returned().thenRun(() -> enqueue(uninstall));
  }

  // ---- what happens by itself --------------------------------------------------------------

  @Override
  public AutoCloseable listen(ModuleListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void changed(Bundle bundle) {
    enqueue(() -> find(bundle).ifPresent(this::look));
  }

  @Override
  public void componentsChanged() {
    enqueue(() -> List.copyOf(modules.values()).forEach(this::look));
  }

  @Override
  public void error(Bundle bundle, Throwable error) {
    enqueue(
        () ->
            find(bundle)
                .filter(module -> module.state() == State.RUNNING && !module.isStepUnderWay())
                .ifPresent(
                    module -> {
                      module.hint(Optional.of("the framework reports: " + error));
                      publish();
                    }));
  }

  /** A thread of the module ended with an exception. */
  public void crashed(Bundle bundle, String text) {
    enqueue(() -> find(bundle).ifPresent(module -> crashed(module, text)));
  }

  private void crashed(Module module, String text) {
    if (module.state() == State.STARTING) {
      module.hint(Optional.of(text));
    } else if (module.state() == State.RUNNING && !module.isStepUnderWay()) {
      fail(module, text).thenRunAsync(() -> tell(module), owner);
    }
  }

  /** Compares the books with the bundle. */
  private void look(Module module) {
    boolean ours = modules.get(module.name()) == module;
    if (!ours || module.isStepUnderWay() || module.hanging().isPresent()) {
      return;
    }
    int bundleState = module.bundle().getState();
    if (bundleState == Bundle.UNINSTALLED) {
      module.become(State.STOPPED, Optional.of("somebody else uninstalled its bundle"));
      withdraw(module);
      tell(module);
    } else if (module.state() == State.RUNNING && bundleState != Bundle.ACTIVE) {
      if (bundleState != Bundle.STARTING && bundleState != Bundle.STOPPING) {
        module.become(State.STOPPED, Optional.empty());
        publish();
        tell(module);
      }
    } else if (bundleState == Bundle.ACTIVE) {
      lookAtComponents(module);
    }
  }

  private void lookAtComponents(Module module) {
    Components.Health health = parts.components().of(module.bundle());
    if (health.failure().isPresent()) {
      fail(module, health.failure().get()).thenRunAsync(() -> tell(module), owner);
    } else if (module.state() != State.RUNNING) {
      module.become(State.RUNNING, health.waiting());
      publish();
      tell(module);
    } else if (!health.waiting().equals(module.error())) {
      module.hint(health.waiting());
      publish();
    }
  }

  private Optional<Module> find(Bundle bundle) {
    return ModuleLocation.parse(bundle.getLocation())
        .map(location -> modules.get(location.module()))
        .filter(module -> module.bundle().equals(bundle));
  }

  private void tell(Module module) {
    for (ModuleListener listener : listeners) {
      try {
        listener.changed(module.snapshot());
      } catch (RuntimeException e) {
        LOG.warn("module {}: a listener failed", module.name(), e);
      }
    }
  }

  // ---- plumbing ----------------------------------------------------------------------------

  private void publish() {
    snapshot = modules.values().stream().map(Module::snapshot).toList();
  }

  /** What runs does not depend on it, so that a full disk is no reason to fail the step. */
  private void remember(Write write) {
    try {
      write.run();
      Set<String> inUse = new HashSet<>(parts.records().digests());
      inUse.addAll(Installer.digests(modules.values().stream().map(Module::installed).toList()));
      parts.cache().retain(inUse);
    } catch (IOException e) {
      LOG.warn(
          "cache: what was installed cannot be written down; a start without repositories may not"
              + " find it: {}",
          e.toString());
    }
  }

  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  @FunctionalInterface
  private interface Task {
    void run() throws ModuleException;
  }

  private static void submit(SerialExecutor executor, CompletableFuture<?> result, Task task) {
    try {
      executor.execute(
          () -> {
            try {
              task.run();
            } catch (ModuleException e) {
              result.completeExceptionally(e);
            } catch (RuntimeException | LinkageError e) {
              result.completeExceptionally(
                  new ModuleException("the step failed unexpectedly: " + e, e));
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(new ModuleException("the module runtime is being closed", e));
    }
  }

  private void enqueue(Runnable task) {
    try {
      owner.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("an event after the end is ignored");
    }
  }

  private static ModuleException asModuleException(String name, Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return cause instanceof ModuleException expected
        ? expected
        : new ModuleException("module " + name + ": " + cause, cause);
  }
}
