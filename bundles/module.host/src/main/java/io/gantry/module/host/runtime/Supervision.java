package io.gantry.module.host.runtime;

import static java.util.Objects.requireNonNull;

import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Thrown;
import io.gantry.module.host.health.HealthChecks;
import io.gantry.module.host.health.HealthRounds;
import io.gantry.module.host.health.Verdict;
import io.gantry.module.host.watch.FrameworkWatch;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What modules do without being asked. It is found by looking: an event only says where to look,
 * and the state of the bundle and its components is compared with the books. So it does not matter
 * how late or how often events come. They come on any thread; all else happens on the owner of the
 * books.
 */
final class Supervision
    implements FrameworkWatch.Target, ModuleTraffic.Listener, HealthRounds.Target {

  private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);

  private final Books books;
  private final Life life;
  private final Traffic traffic;
  private final Components components;
  private final HealthRounds healthRounds;
  private final InstantSource clock;
  private final Duration patience;
  private final Executor owner;

  /**
   * @param patience how long a module may be temporarily unavailable
   */
  Supervision(
      Books books,
      Life life,
      Traffic traffic,
      Components components,
      HealthRounds healthRounds,
      InstantSource clock,
      Duration patience,
      Executor owner) {
    this.books = books;
    this.life = life;
    this.traffic = traffic;
    this.components = components;
    this.healthRounds = healthRounds;
    this.clock = clock;
    this.patience = patience;
    this.owner = owner;
  }

  /**
   * A start of the module has come to its end, well or not.
   *
   * @return completes on the owner; fails with {@link ModuleException} when the start has failed
   */
  CompletionStage<Void> started(
      Module module, Components.@Nullable Health health, @Nullable Throwable failure) {
    if (health != null) {
      module.stepUnderWay(false);
      runs(module, health);
      return CompletableFuture.completedFuture(null);
    }
    ModuleException error = Life.failure(module.name(), requireNonNull(failure));
    return fail(module, error.getMessage())
        .thenCompose(failed -> CompletableFuture.failedFuture(error));
  }

  /** The start of the module has succeeded; but a thread of it may have died just then. */
  void runs(Module module, Components.Health health) {
    Optional<String> crash = module.error().filter(text -> module.state() == State.STARTING);
    module.runs(health.waiting());
    books.publish();
    if (crash.isPresent()) {
      failsByItself(module, crash.get());
      return;
    }
    look(module);
    if (HealthChecks.isAnyOf(module.bundle())) {
      healthRounds.soon(this);
    }
  }

  /** A failed module does not half run: its bundle is stopped before the failure is told. */
  CompletionStage<Void> fail(Module module, String text) {
    module.stepUnderWay(true);
    return life.stop(module)
        .exceptionally(hangs -> null)
        .thenRunAsync(
            () -> {
              module.stepUnderWay(false);
              module.become(State.FAILED, Optional.of(text));
              books.publish();
            },
            owner);
  }

  @Override
  public void changed(Bundle bundle) {
    enqueue(() -> books.find(bundle).ifPresent(this::look));
  }

  @Override
  public void componentsChanged() {
    enqueue(() -> books.modules().forEach(this::look));
  }

  @Override
  public void error(Bundle bundle, Throwable error) {
    String text = "the framework reports: " + Thrown.text(error);
    enqueue(
        () ->
            books
                .find(bundle)
                .filter(module -> module.isActive() && !module.isStepUnderWay())
                .ifPresent(
                    module -> {
                      module.hint(Optional.of(text));
                      books.publish();
                    }));
  }

  /** A thread of the module ended with an exception. */
  void crashed(Bundle bundle, String text) {
    enqueue(() -> books.find(bundle).ifPresent(module -> crashed(module, text)));
  }

  private void crashed(Module module, String text) {
    if (module.state() == State.STARTING) {
      module.crashed(text);
    } else if (module.isActive() && !module.isStepUnderWay()) {
      failsByItself(module, text);
    }
  }

  /** One that has been replaced or removed meanwhile is no news. */
  private void failsByItself(Module module, String text) {
    fail(module, text)
        .thenRunAsync(
            () -> {
              if (books.isOurs(module)) {
                books.tell(module);
              }
            },
            owner);
  }

  /** Compares the books with the bundle. */
  private void look(Module module) {
    if (!books.isOurs(module) || module.isStepUnderWay() || module.hanging().isPresent()) {
      return;
    }
    int bundleState = module.bundle().getState();
    if (bundleState == Bundle.UNINSTALLED) {
      module.become(State.STOPPED, Optional.of("somebody else uninstalled its bundle"));
      books.remove(module);
      life.withdraw(module);
      traffic.forget(module.name());
      books.tell(module);
    } else if (module.isActive() && bundleState != Bundle.ACTIVE) {
      if (bundleState != Bundle.STARTING && bundleState != Bundle.STOPPING) {
        module.become(State.STOPPED, Optional.empty());
        books.publish();
        books.tell(module);
      }
    } else if (bundleState == Bundle.ACTIVE) {
      lookAtComponents(module);
    }
  }

  private void lookAtComponents(Module module) {
    Components.Health health = components.of(module.bundle());
    if (health.failure().isPresent()) {
      failsByItself(module, health.failure().get());
    } else if (!module.isActive()) {
      traffic.serve(module.location());
      runs(module, health);
      books.tell(module);
    } else if (module.hint(health.waiting())) {
      books.publish();
    }
  }

  // ---- whether they are well ---------------------------------------------------------------

  /** Tells the service from now on, and listens to it. Any thread. */
  void use(ModuleTraffic service) {
    enqueue(() -> traffic.use(service, this));
  }

  /** The service has gone: nobody knows any more what hangs. Any thread. */
  void leave(ModuleTraffic service) {
    enqueue(
        () -> {
          if (traffic.leave(service)) {
            books.modules().forEach(module -> news(module, module.hangs(Optional.empty())));
          }
        });
  }

  @Override
  public void hangs(ModuleLocation generation, Optional<String> problem) {
    enqueue(
        () ->
            books
                .get(generation.module())
                .filter(module -> module.location().equals(generation))
                .ifPresent(module -> news(module, module.hangs(problem))));
  }

  @Override
  public void checksChanged(Bundle bundle) {
    enqueue(
        () -> {
          if (books.find(bundle).filter(Module::isActive).isPresent()) {
            healthRounds.soon(this);
          }
        });
  }

  /** Whoever executes health checks has come; any thread. */
  void examinersChanged() {
    enqueue(() -> healthRounds.soon(this));
  }

  @Override
  public Collection<Bundle> patients() {
    return books.modules().stream()
        .filter(module -> module.isActive() && !module.isStepUnderWay())
        .map(Module::bundle)
        .toList();
  }

  @Override
  public void examined(Map<Bundle, Verdict> verdicts) {
    for (Module module : books.modules()) {
      Verdict verdict = verdicts.get(module.bundle());
      if (verdict != null && !module.isStepUnderWay()) {
        news(module, module.examined(verdict, clock.instant(), patience));
      }
    }
  }

  private void news(Module module, boolean told) {
    books.publish();
    if (told) {
      books.tell(module);
    }
  }

  private void enqueue(Runnable task) {
    try {
      owner.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("an event after the end is ignored");
    }
  }
}
