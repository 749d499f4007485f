package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Installer;
import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.Logins;
import io.gantry.module.host.forecast.Described;
import io.gantry.module.host.forecast.Descriptions;
import io.gantry.module.host.forecast.Forecaster;
import io.gantry.module.host.forecast.Forecaster.Coming;
import io.gantry.module.host.repository.Supply;
import io.gantry.module.host.resolution.Preparation;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps on modules. One serial executor owns the books and says what is changed; what may take
 * long happens elsewhere and comes back to it: preparing on an executor of its own, each change of
 * the framework and each call of a module's own code on a thread of its own, its health checks on
 * those of Felix.
 */
final class Modules implements ModuleRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  /** The parts that this class conducts. */
  record Parts(
      Preparation preparation,
      Installer installer,
      Books books,
      Life life,
      Traffic traffic,
      Supervision supervision,
      HealthWait healthWait,
      OwnerTimer timer,
      Forecaster forecaster,
      Descriptions descriptions,
      Supply supply) {}

  private final Parts parts;
  private final Books books;
  private final CompletionStage<Void> frameworkStart;
  private final SerialExecutor owner;
  private final Executor fetcher;

  /**
   * @param frameworkStart when modules may be installed
   * @param owner owner of the books
   * @param fetcher where preparing happens
   */
  Modules(
      Parts parts, CompletionStage<Void> frameworkStart, SerialExecutor owner, Executor fetcher) {
    this.parts = parts;
    this.books = parts.books();
    this.frameworkStart = frameworkStart;
    this.owner = owner;
    this.fetcher = fetcher;
  }

  @Override
  public AutoCloseable listen(ModuleListener listener) {
    return books.listen(listener);
  }

  // ---- steps -------------------------------------------------------------------------------

  @Override
  public List<InstalledModule> modules() {
    return books.snapshot();
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins) {
    return forecast(() -> Coming.of(spec, parts.preparation().look(spec, new Logins(logins))));
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(PreparedModule module) {
    return forecast(() -> Coming.of(module, parts.preparation().lost(module)));
  }

  @FunctionalInterface
  private interface Look {
    Coming at() throws ModuleException;
  }

  private CompletionStage<ModuleForecast> forecast(Look look) {
    CompletableFuture<ModuleForecast> result = new CompletableFuture<>();
    submit(
        fetcher,
        result,
        () -> {
          Coming coming = look.at();
          Map<String, List<Described>> described =
              parts.descriptions().of(coming.prepared().stream().toList());
          submit(owner, result, () -> result.complete(forecast(coming, described)));
        });
    return result;
  }

  private ModuleForecast forecast(Coming coming, Map<String, List<Described>> described) {
    Optional<Module> present = books.get(coming.spec().name());
    return parts
        .forecaster()
        .forecast(
            coming,
            present.map(
                old ->
                    new Forecaster.Present(
                        old.installed(), old.hanging().isPresent(), old.isActive())),
            current(),
            described);
  }

  /** What comes is read where reading may take long, what is there is looked at by the owner. */
  @Override
  public CompletionStage<List<List<Disturbance>>> disturbances(List<ModuleMove> moves) {
    List<ModuleMove> copy = List.copyOf(moves);
    CompletableFuture<List<List<Disturbance>>> result = new CompletableFuture<>();
    submit(
        owner,
        result,
        () -> {
          List<PreparedModule> arriving = Forecaster.arriving(copy, current());
          submit(
              fetcher,
              result,
              () -> {
                Map<String, List<Described>> described = parts.descriptions().of(arriving);
                submit(
                    owner,
                    result,
                    () ->
                        result.complete(
                            parts.forecaster().disturbances(copy, current(), described)));
              });
        });
    return result;
  }

  /** Of each module the generation that is the module. */
  private List<Installed> current() {
    return books.modules().stream().map(Module::installed).toList();
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
    List<PreparedModule> copy = List.copyOf(needed);
    submit(owner, new CompletableFuture<>(), () -> parts.supply().retention().retain(copy));
  }

  @Override
  public void use(List<RepositoryLogin> logins) {
    parts.supply().use(new Logins(logins));
  }

  @Override
  public CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress) {
    CompletableFuture<PreparedModule> result = new CompletableFuture<>();
    Cancellation cancellation = new Cancellation();
    result.whenComplete(
        (done, failure) -> {
          if (result.isCancelled()) {
            cancellation.cancel();
          }
        });
    Logins all = new Logins(logins);
    submit(
        fetcher,
        result,
        () -> result.complete(parts.preparation().prepare(spec, all, cancellation, progress)));
    return result;
  }

  @Override
  public CompletionStage<Void> install(PreparedModule prepared) {
    return putIn(prepared.spec().name(), () -> placed(prepared));
  }

  /** As soon as modules may be installed. */
  private CompletionStage<Void> putIn(String name, Supplier<CompletionStage<Void>> step) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    frameworkStart.thenRun(() -> submit(owner, result, () -> complete(name, step.get(), result)));
    return result;
  }

  /** The new one is put beside the old one first: what cannot be installed costs nothing. */
  private CompletionStage<Void> placed(PreparedModule prepared) {
    return parts
        .installer()
        .install(prepared)
        .thenComposeAsync(
            installed -> {
              Module next = new Module(installed);
              return books
                  .get(next.name())
                  .map(old -> replaced(old, next))
                  .orElseGet(() -> placed(next));
            },
            owner);
  }

  private CompletionStage<Void> replaced(Module old, Module next) {
    return rest(old)
        .handleAsync((rested, failure) -> placed(next), owner)
        .thenCompose(placed -> parts.life().withdraw(old))
        .thenRunAsync(this::booksChanged, owner);
  }

  private CompletionStage<Void> placed(Module next) {
    books.put(next);
    parts.traffic().serve(next.location());
    String version = next.installed().prepared().version();
    LOG.info("module {}: version {} is installed", next.name(), version);
    booksChanged();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> swap(PreparedModule next) {
    String name = next.spec().name();
    return putIn(
        name,
        () ->
            books
                .get(name)
                .map(old -> swapped(old, next))
                .orElseGet(() -> placed(next).thenCompose(placed -> start(name))));
  }

  private CompletionStage<Void> swapped(Module old, PreparedModule next) {
    return Swap.begin(parts, old, next)
        .thenRunAsync(
            () -> {
              LOG.info("module {}: version {} has taken over", old.name(), next.version());
              booksChanged();
            },
            owner);
  }

  @Override
  public CompletionStage<Void> start(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(owner, result, () -> start(name, result));
    return result;
  }

  private void start(String name, CompletableFuture<Void> result) throws ModuleException {
    Module module =
        books
            .get(name)
            .orElseThrow(
                () ->
                    new ModuleException(
                        "module " + name + " cannot be started: it is not installed"));
    if (module.isActive()) {
      result.complete(null);
      return;
    }
    if (module.hanging().isPresent()) {
      complete(name, parts.life().start(module), result);
      return;
    }
    module.stepUnderWay(true);
    module.become(State.STARTING, Optional.empty());
    books.publish();
    parts.traffic().serve(module.location());
    complete(
        name,
        parts
            .life()
            .start(module)
            .handleAsync(
                (health, failure) -> parts.supervision().started(module, health, failure), owner)
            .thenCompose(stage -> stage),
        result);
  }

  @Override
  public CompletionStage<Void> stop(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(
        owner,
        result,
        () -> {
          Module module = books.get(name).orElse(null);
          if (module == null || module.state() == State.STOPPED) {
            result.complete(null);
            return;
          }
          rest(module)
              .whenCompleteAsync((done, failure) -> stopped(module, failure, result), owner);
        });
    return result;
  }

  private void stopped(Module module, @Nullable Throwable failure, CompletableFuture<Void> result) {
    module.stepUnderWay(false);
    if (failure == null) {
      module.become(State.STOPPED, Optional.empty());
      books.publish();
      result.complete(null);
      return;
    }
    ModuleException error = Life.failure(module.name(), failure);
    module.become(State.FAILED, Optional.of(error.getMessage()));
    books.publish();
    result.completeExceptionally(error);
  }

  /** Stops what is asked to stop: what it was given it may answer, and what comes in waits. */
  private CompletionStage<Void> rest(Module module) {
    module.stepUnderWay(true);
    if (!module.isActive()) {
      return parts.life().stop(module);
    }
    return parts
        .traffic()
        .drained(parts.traffic().hold(module.name()), module.name())
        .thenComposeAsync(answered -> parts.life().stop(module), owner);
  }

  @Override
  public CompletionStage<Void> remove(String name) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    submit(
        owner,
        result,
        () -> {
          Module module = books.get(name).orElse(null);
          if (module == null) {
            result.complete(null);
            return;
          }
          rest(module)
              .handleAsync((rested, failure) -> withdraw(module), owner)
              .thenCompose(gone -> gone)
              .whenCompleteAsync(
                  (gone, closing) -> {
                    LOG.info("module {} is removed", name);
                    booksChanged();
                    result.complete(null);
                  },
                  owner);
        });
    return result;
  }

  private CompletionStage<Void> withdraw(Module module) {
    books.remove(module);
    parts.traffic().forget(module.name());
    return parts.life().withdraw(module);
  }

  // ---- plumbing ----------------------------------------------------------------------------

  /** The cache need not keep what has left. */
  private void booksChanged() {
    parts.supply().retention().installed(Installer.digests(books.installed()));
  }

  @FunctionalInterface
  private interface Task {
    void run() throws ModuleException;
  }

  private static void submit(Executor executor, CompletableFuture<?> result, Task task) {
    try {
      executor.execute(
          () -> {
            try {
              task.run();
            } catch (ModuleException e) {
              result.completeExceptionally(e);
            } catch (RuntimeException | Error e) {
              result.completeExceptionally(unexpected(e));
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(OwnerTimer.closed(e));
    } catch (Error e) {
      result.completeExceptionally(unexpected(e));
    }
  }

  /** What nobody has foreseen is no verdict on a module: it may go well the next time. */
  private static ModuleException unexpected(Throwable thrown) {
    return new ModuleException("the step failed unexpectedly: " + thrown, thrown, true);
  }

  private static void complete(
      String name, CompletionStage<?> stage, CompletableFuture<Void> result) {
    stage.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            result.complete(null);
          } else {
            result.completeExceptionally(Life.failure(name, failure));
          }
        });
  }
}
