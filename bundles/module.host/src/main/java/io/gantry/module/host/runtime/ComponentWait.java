package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Components.Health;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.osgi.framework.Bundle;

/**
 * Waits until the immediate components of a bundle that just started are active. Mostly they are
 * when the start returns; one whose dependency arrives at the same moment is activated by another
 * thread, and nothing tells us promptly when (112.10 allows the runtime to report changes late).
 */
final class ComponentWait {

  private static final Duration STEP = Duration.ofMillis(50);

  private final Components components;
  private final OwnerTimer timer;
  private final Duration limit;

  ComponentWait(Components components, OwnerTimer timer, Duration limit) {
    this.components = components;
    this.timer = timer;
    this.limit = limit;
  }

  /**
   * Completes on the owner when no component is under way any more; fails with {@link
   * ModuleException} when one could not be activated, or takes longer than the limit.
   */
  CompletionStage<Health> until(Bundle bundle) {
    CompletableFuture<Health> result = new CompletableFuture<>();
    look(bundle, timer.limit(limit, result), result);
    return result;
  }

  private void look(Bundle bundle, BooleanSupplier isOver, CompletableFuture<Health> result) {
    Health health = components.of(bundle);
    if (health.failure().isPresent()) {
      result.completeExceptionally(new ModuleException(health.failure().get()));
    } else if (health.pending().isEmpty()) {
      result.complete(health);
    } else if (!isOver.getAsBoolean()) {
      timer.after(STEP, () -> look(bundle, isOver, result), result);
    } else {
      result.completeExceptionally(
          new ModuleException(
              "component "
                  + health.pending().get(0)
                  + " did not become active within "
                  + limit.toSeconds()
                  + " s"));
    }
  }
}
