package io.gantry.module.host.runtime;

import io.gantry.module.host.health.HealthChecks;
import io.gantry.module.host.health.HealthRounds;
import io.gantry.module.host.health.Verdict;
import io.gantry.module.host.health.Verdict.Grade;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.osgi.framework.Bundle;

/**
 * Waits until a module that has just been started is healthy. At once when it has no health checks;
 * else it is asked until it is, or the limit has passed: most of what is critical in the first
 * moment is a connection that is not there yet. Belongs to the runtime's serial executor.
 */
final class HealthWait {

  private static final Duration STEP = Duration.ofMillis(250);

  private final HealthRounds rounds;
  private final OwnerTimer timer;
  private final Duration limit;

  HealthWait(HealthRounds rounds, OwnerTimer timer, Duration limit) {
    this.rounds = rounds;
    this.timer = timer;
    this.limit = limit;
  }

  /** Completes on the owner; fails with {@link ModuleException} when it is not healthy in time. */
  CompletionStage<Void> until(Module module) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    look(module, timer.limit(limit, result), result);
    return result;
  }

  private void look(Module module, BooleanSupplier isOver, CompletableFuture<Void> result) {
    if (module.error().isPresent()) {
      fail(result, module, module.error().get());
    } else if (module.bundle().getState() != Bundle.ACTIVE) {
      fail(result, module, "it stopped by itself");
    } else if (!HealthChecks.isAnyOf(module.bundle())) {
      result.complete(null);
    } else {
      rounds
          .examine(module.bundle())
          .whenCompleteAsync(
              (verdict, failure) -> {
                if (failure == null) {
                  examined(module, verdict, isOver, result);
                } else {
                  fail(result, module, "its health checks cannot be executed: " + failure);
                }
              },
              timer.owner())
          .exceptionally(
              failure -> {
                result.completeExceptionally(failure);
                return null;
              });
    }
  }

  private void examined(
      Module module, Verdict verdict, BooleanSupplier isOver, CompletableFuture<Void> result) {
    if (module.error().isPresent()) {
      fail(result, module, module.error().get());
    } else if (verdict.grade() == Grade.HEALTHY) {
      result.complete(null);
    } else if (!isOver.getAsBoolean()) {
      timer.after(STEP, () -> look(module, isOver, result), result);
    } else {
      fail(
          result,
          module,
          "it did not become healthy within " + inWords(limit) + ": " + verdict.text());
    }
  }

  private static String inWords(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  private static void fail(CompletableFuture<Void> result, Module module, String why) {
    result.completeExceptionally(
        new ModuleException(
            "module "
                + module.name()
                + " "
                + module.installed().prepared().version()
                + ": "
                + why));
  }
}
