package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Components;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.PreparedModule;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts one generation of a module in the place of another one. As long as the new one has not taken
 * over nothing is lost: whatever goes wrong, it is dropped, and the old one goes on. Belongs to the
 * runtime's serial executor.
 *
 * <p>Mostly both run for a moment, and the old one does not notice before it has answered all. Of
 * an exclusive module, a singleton, and one that hangs there can only be one at a time: then what
 * comes in waits from before the old one is stopped until the new one is healthy.
 */
final class Swap {

  private static final Logger LOG = LoggerFactory.getLogger(Swap.class);

  private final Modules.Parts tools;
  private final Books books;
  private final Executor owner;
  private final Module old;
  private final Module newcomer;
  private final boolean oldWasActive;

  private Swap(Modules.Parts tools, Module old, Module newcomer) {
    this.tools = tools;
    this.books = tools.books();
    this.owner = tools.timer().owner();
    this.old = old;
    this.newcomer = newcomer;
    this.oldWasActive = old.isActive();
  }

  /**
   * Swaps. On the owner.
   *
   * @return completes on the owner when the old one is gone; fails when it has stayed
   */
  static CompletionStage<Void> begin(Modules.Parts tools, Module old, PreparedModule next) {
    Executor owner = tools.timer().owner();
    if (tools.books().hangs(next)) {
      return CompletableFuture.failedFuture(why(old, stillHangs(next)));
    }
    return tools
        .installer()
        .install(next)
        .handleAsync(
            (installed, failure) ->
                failure == null
                    ? new Swap(tools, old, new Module(installed)).run()
                    : CompletableFuture.<Void>failedFuture(why(old, failure)),
            owner)
        .thenCompose(Function.identity());
  }

  /** Each further try would cost another thread, and the memory of another generation. */
  private static ModuleException stillHangs(PreparedModule next) {
    return new ModuleException(
        "module "
            + next.spec().name()
            + ": version "
            + next.version()
            + " was dropped and still hangs; until it comes back, or the runtime is restarted, it"
            + " is not tried again");
  }

  private CompletionStage<Void> run() {
    newcomer.stepUnderWay(true);
    newcomer.become(State.STARTING, Optional.empty());
    books.beside(newcomer);
    boolean oneAtATime = isExclusive() || isSingleton() || old.hanging().isPresent();
    return oneAtATime ? oneAfterTheOther() : sideBySide();
  }

  private boolean isExclusive() {
    return newcomer.installed().prepared().spec().exclusive()
        || old.installed().prepared().spec().exclusive();
  }

  private boolean isSingleton() {
    return newcomer.installed().singleton() || old.installed().singleton();
  }

  // ---- side by side ------------------------------------------------------------------------

  private CompletionStage<Void> sideBySide() {
    tools.traffic().serve(old.location());
    return ifItFails(startAndWait(), this::drop)
        .thenComposeAsync(this::takeOver, owner)
        .thenComposeAsync(answered -> stopOld(), owner)
        .thenComposeAsync(stopped -> tools.life().withdraw(old), owner);
  }

  // ---- one after the other -----------------------------------------------------------------

  private CompletionStage<Void> oneAfterTheOther() {
    return ifItFails(makeRoom().thenComposeAsync(stopped -> startAndWait(), owner), this::goBack)
        .thenComposeAsync(
            health -> {
              takeOver(health);
              return tools.life().withdraw(old);
            },
            owner);
  }

  /** When this completes, nothing of the old one runs, and nothing is lost meanwhile. */
  private CompletionStage<Void> makeRoom() {
    CompletionStage<Void> held = tools.traffic().hold(old.name());
    CompletionStage<Void> answered =
        oldWasActive ? tools.traffic().drained(held, who(old)) : done();
    return answered
        .thenComposeAsync(drained -> stopOld(), owner)
        .thenRunAsync(this::hasStopped, owner);
  }

  private void hasStopped() {
    if (old.isActive()) {
      old.become(State.STOPPED, Optional.of("its successor is being started"));
      books.publish();
    }
  }

  /** The newcomer goes, and the old one comes back, if it has run. */
  private CompletionStage<Void> goBack() {
    return drop()
        .thenComposeAsync(
            dropped -> {
              tools.traffic().serve(old.location());
              old.stepUnderWay(oldWasActive);
              return oldWasActive ? startAgain() : done();
            },
            owner);
  }

  private CompletionStage<Void> startAgain() {
    old.become(State.STARTING, Optional.empty());
    books.publish();
    return tools
        .life()
        .start(old)
        .handleAsync((health, failure) -> tools.supervision().started(old, health, failure), owner)
        .thenCompose(Function.identity());
  }

  // ---- steps of both -----------------------------------------------------------------------

  private CompletionStage<Components.Health> startAndWait() {
    return tools
        .life()
        .start(newcomer)
        .thenComposeAsync(
            health -> tools.healthWait().until(newcomer).thenApply(healthy -> health), owner);
  }

  /** From here on there is no way back; completes when the old one has answered. */
  private CompletionStage<Void> takeOver(Components.Health health) {
    newcomer.stepUnderWay(false);
    CompletionStage<Void> answered = tools.traffic().serve(newcomer.location());
    books.put(newcomer);
    tools.supervision().runs(newcomer, health);
    return oldWasActive ? tools.traffic().drained(answered, who(old)) : done();
  }

  /** Whether it stops well or not, it is not the module any more. */
  private CompletionStage<Void> stopOld() {
    old.stepUnderWay(true);
    return tools
        .life()
        .stop(old)
        .exceptionally(
            failure -> {
              LOG.warn("module {}: {}", who(old), Life.failure(old.name(), failure).getMessage());
              return null;
            });
  }

  private CompletionStage<Void> drop() {
    return tools
        .life()
        .stop(newcomer)
        .exceptionally(failure -> null)
        .thenComposeAsync(stopped -> tools.life().withdraw(newcomer), owner)
        .thenRunAsync(() -> books.dropped(newcomer), owner);
  }

  // ---- plumbing ----------------------------------------------------------------------------

  /** Repairs before the failure is told. */
  private <T> CompletionStage<T> ifItFails(
      CompletionStage<T> stage, Supplier<CompletionStage<Void>> repair) {
    Function<Throwable, CompletionStage<T>> repaired =
        failure ->
            repair
                .get()
                .handle((done, worse) -> worse)
                .thenCompose(worse -> CompletableFuture.failedFuture(why(old, failure)));
    return stage
        .handleAsync(
            (result, failure) ->
                failure == null
                    ? CompletableFuture.completedFuture(result)
                    : repaired.apply(failure),
            owner)
        .thenCompose(Function.identity());
  }

  /** What becomes of the module is part of the sentence. */
  private static ModuleException why(Module old, Throwable failure) {
    ModuleException cause = Life.failure(old.name(), failure);
    String stays =
        switch (old.state()) {
          case RUNNING, UNHEALTHY, STARTING -> " goes on";
          case STOPPED -> " stays, stopped";
          case FAILED -> " has failed: " + old.error().orElse("it could not be started again");
        };
    return cause.saying(cause.getMessage() + "; version " + version(old) + stays);
  }

  private static String version(Module module) {
    return module.installed().prepared().version();
  }

  private static String who(Module module) {
    return module.name() + " " + version(module);
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
