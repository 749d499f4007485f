package io.gantry.agent.run;

import io.gantry.agent.metric.AgentMetrics;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.Step;
import io.gantry.agent.plan.Step.Install;
import io.gantry.agent.plan.Step.Prepare;
import io.gantry.agent.plan.Step.Remove;
import io.gantry.agent.plan.Step.Renew;
import io.gantry.agent.plan.Step.Restart;
import io.gantry.agent.plan.Step.Start;
import io.gantry.agent.plan.Step.Stop;
import io.gantry.agent.plan.Step.Swap;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Carries out the steps of a group one after another. It waits on no thread: each step's end comes
 * back to the agent's executor, so any number of groups may be under way while the agent attends to
 * other things.
 */
public final class GroupRunner {

  private final ModuleRuntime runtime;
  private final AgentMetrics metrics;
  private final InstantSource time;
  private final Executor owner;
  private List<RepositoryLogin> logins = List.of();
  private boolean stopped;

  /**
   * With the engine room.
   *
   * @param owner the agent's executor, on which all calls to this object are made too
   */
  public GroupRunner(
      ModuleRuntime runtime, AgentMetrics metrics, InstantSource time, Executor owner) {
    this.runtime = runtime;
    this.metrics = metrics;
    this.time = time;
    this.owner = owner;
  }

  /** Who we are for repositories from now on. */
  public void use(List<RepositoryLogin> known) {
    logins = List.copyOf(known);
  }

  /** No further step is begun. */
  public void stop() {
    stopped = true;
  }

  /** Runs a group that the track has begun, ends it there, and runs {@code then}. */
  public void run(Group group, ModuleTrack track, Runnable then) {
    run(group, 0, track, then);
  }

  private void run(Group group, int next, ModuleTrack track, Runnable then) {
    if (stopped) {
      return;
    }
    if (next == group.steps().size()) {
      track.end(group, true);
      then.run();
      return;
    }
    Step step = group.steps().get(next);
    call(step, track)
        .whenComplete(
            (success, failure) ->
                owner.execute(
                    () -> {
                      if (failure == null) {
                        success.run();
                        run(group, next + 1, track, then);
                      } else {
                        failed(group, step, track, Failures.of(step.module(), failure));
                        then.run();
                      }
                    }));
  }

  private CompletionStage<Runnable> call(Step step, ModuleTrack track) {
    try {
      return attempt(step, track);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Begins a step; the stage brings what is to be noted when it has succeeded. */
  private CompletionStage<Runnable> attempt(Step step, ModuleTrack track) {
    if (step instanceof Prepare prepare) {
      return runtime
          .prepare(prepare.declared().spec(), logins, FetchProgress.NONE)
          .thenApply(prepared -> () -> track.prepared(prepare.declared(), prepared));
    }
    if (step instanceof Install install) {
      return inPlace(install.prepared(), runtime::install)
          .thenApply(found -> () -> track.installed(install.prepared(), found));
    }
    if (step instanceof Swap swap) {
      return inPlace(swap.prepared(), runtime::swap)
          .thenApply(found -> () -> track.swapped(swap.prepared(), found, time.instant()));
    }
    if (step instanceof Stop) {
      return runtime.stop(step.module()).thenApply(done -> track::stopped);
    }
    return step instanceof Remove
        ? runtime.remove(step.module()).thenApply(done -> track::removed)
        : start(step, track).thenApply(done -> () -> track.started(time.instant()));
  }

  /**
   * What was prepared once is put in place again without asking anybody. Only when the cache has
   * lost it, or the framework is another one than it was prepared for, the repositories are asked,
   * if that is allowed, and exactly for that.
   *
   * @return what was put in place
   */
  private CompletionStage<PreparedModule> inPlace(
      PreparedModule module, Function<PreparedModule, CompletionStage<Void>> step) {
    return runtime
        .holds(module)
        .thenCompose(
            held -> held ? CompletableFuture.completedFuture(module) : prepareAgain(module))
        .thenCompose(
            found ->
                put(found, step)
                    .exceptionallyCompose(
                        failure ->
                            isOutdated(failure)
                                ? prepareAgain(found).thenCompose(again -> put(again, step))
                                : CompletableFuture.failedFuture(failure)));
  }

  private static CompletionStage<PreparedModule> put(
      PreparedModule module, Function<PreparedModule, CompletionStage<Void>> step) {
    return step.apply(module).thenApply(done -> module);
  }

  private static boolean isOutdated(Throwable failure) {
    return Stages.cause(failure) instanceof ModuleException known && known.outdated();
  }

  private CompletionStage<PreparedModule> prepareAgain(PreparedModule lost) {
    ModuleSpec spec = lost.spec();
    ImageReference image =
        new ImageReference(
            spec.image().repository(),
            spec.image().symbolicName(),
            Optional.of(lost.version()),
            Optional.of(lost.sha256()));
    ModuleSpec pinned =
        new ModuleSpec(
            spec.name(),
            image,
            spec.pull(),
            spec.environment(),
            spec.configuration(),
            spec.exclusive());
    return runtime.prepare(pinned, logins, FetchProgress.NONE).thenApply(found -> found.with(spec));
  }

  private CompletionStage<Void> start(Step step, ModuleTrack track) {
    if (step instanceof Start) {
      return runtime.start(step.module());
    }
    if (step instanceof Restart) {
      track.restarting(time.instant());
    } else {
      track.renewed();
    }
    // A failed bundle may be half alive; whether that can be stopped does not matter for the start.
    return metrics.timed(
        "restart",
        runtime
            .stop(step.module())
            .exceptionally(ignored -> null)
            .thenCompose(stopped -> runtime.start(step.module())));
  }

  private void failed(Group group, Step step, ModuleTrack track, String text) {
    track.end(group, false);
    if (step instanceof Start || step instanceof Restart || step instanceof Renew) {
      track.startFailed("start failed: " + text, time.instant());
    } else if (!(step instanceof Prepare prepare) || track.isWanted(prepare.declared())) {
      track.fail(verb(step) + " failed: " + text, time.instant());
    }
  }

  private static String verb(Step step) {
    if (step instanceof Prepare) {
      return "preparation";
    }
    if (step instanceof Install) {
      return "installation";
    }
    if (step instanceof Swap) {
      return "update";
    }
    return step instanceof Remove ? "removal" : "stop";
  }
}
