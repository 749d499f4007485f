package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Installer;
import io.gantry.module.host.bundle.Starter;
import io.gantry.module.host.bundle.Thrown;
import io.gantry.module.host.watch.LeftThreads;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one generation of a module to life, to rest, and out of the framework; which of them is
 * the module is decided elsewhere. Belongs to the runtime's serial executor.
 */
final class Life {

  private static final Logger LOG = LoggerFactory.getLogger(Life.class);

  private final Starter starter;
  private final ComponentWait componentWait;
  private final Installer installer;
  private final LeftThreads leftThreads;
  private final Traffic traffic;
  private final Executor owner;
  private final Books books;

  Life(
      Starter starter,
      ComponentWait componentWait,
      Installer installer,
      LeftThreads leftThreads,
      Traffic traffic,
      Executor owner,
      Books books) {
    this.starter = starter;
    this.componentWait = componentWait;
    this.installer = installer;
    this.leftThreads = leftThreads;
    this.traffic = traffic;
    this.owner = owner;
    this.books = books;
  }

  /**
   * Completes on the owner when its activator has returned, its handlers are known to those who
   * will call them, and its immediate components are active; a thread of it that died meanwhile is
   * a failure, too.
   */
  CompletionStage<Components.Health> start(Module module) {
    if (module.hanging().isPresent()) {
      return CompletableFuture.failedFuture(
          new ModuleException(
              "module "
                  + module.name()
                  + " cannot be started: a former start or stop of it still hangs; restarting the"
                  + " runtime or replacing the module helps"));
    }
    Call call = starter.start(module.installed());
    module.called(call);
    return call.result()
        .thenComposeAsync(started -> traffic.meet(module.location()), owner)
        .thenComposeAsync(
            missing ->
                componentWait
                    .until(module.bundle())
                    .thenCompose(health -> whole(module, health, missing)),
            owner)
        .thenApplyAsync(
            health -> {
              module
                  .error()
                  .ifPresent(
                      crash -> {
                        throw new CompletionException(
                            new ModuleException("module " + module.name() + ": " + crash));
                      });
              return health;
            },
            owner);
  }

  /** What could not be had may only have been going just then, and have come back since. */
  private CompletionStage<Components.Health> whole(
      Module module, Components.Health health, Optional<String> missing) {
    CompletionStage<Optional<String>> still =
        missing.isEmpty()
            ? CompletableFuture.completedFuture(missing)
            : traffic.meet(module.location());
    return still.thenApply(
        problem -> {
          problem.ifPresent(
              text -> {
                throw new CompletionException(new ModuleException(text));
              });
          return health;
        });
  }

  /**
   * Stops the bundle, unless something of it still hangs and holds it. What is just being started
   * or stopped comes to its end before.
   */
  CompletionStage<Void> stop(Module module) {
    Optional<Call> underWay = module.callUnderWay();
    if (underWay.isPresent()) {
      return underWay
          .get()
          .result()
          .handleAsync((done, failure) -> stop(module), owner)
          .thenCompose(stopped -> stopped);
    }
    if (module.hanging().isPresent() || module.bundle().getState() != Bundle.ACTIVE) {
      return CompletableFuture.completedFuture(null);
    }
    Call call = starter.stop(module.installed());
    module.called(call);
    return call.result().whenComplete((stopped, failure) -> lookForThreads(module, failure));
  }

  /** At once, while the bundle is still there to be asked; on the thread of the call. */
  private void lookForThreads(Module module, Throwable failure) {
    if (failure == null) {
      leftThreads.lookFor(
          module.bundle(),
          module.name() + " " + module.installed().prepared().version(),
          text -> enqueue(() -> left(module, text)));
    }
  }

  private void left(Module module, String text) {
    if (books.isOurs(module) && module.state() == State.STOPPED) {
      module.become(State.STOPPED, Optional.of(text));
      books.publish();
    }
  }

  /**
   * Uninstalls now, or, when the module's code hangs and holds the bundle, as soon as it can.
   *
   * @return completes on the owner when it has left or nobody knows when it will; never fails
   */
  CompletionStage<Void> withdraw(Module module) {
    Optional<Call> hanging = module.hanging();
    if (hanging.isEmpty()) {
      return installer.remove(module.installed());
    }
    LOG.warn("module {}: its bundle is uninstalled when what hangs comes back", module.name());
    hanging.get().returned().thenRun(() -> enqueue(() -> installer.remove(module.installed())));
    return CompletableFuture.completedFuture(null);
  }

  private void enqueue(Runnable task) {
    try {
      owner.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("an event after the end is ignored");
    }
  }

  /** The failure of a step on a module, in words. */
  static ModuleException failure(String name, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof RejectedExecutionException closing) {
      return OwnerTimer.closed(closing);
    }
    return cause instanceof ModuleException expected
        ? expected
        : new ModuleException("module " + name + ": " + Thrown.text(cause), cause);
  }
}
