package io.gantry.module.host.runtime;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Delays that end on the owner of the books, and nobody who waits for one waits in vain. */
record OwnerTimer(Scheduler scheduler, Executor owner) {

  /**
   * Runs the task on the owner after the delay; when the owner is gone, or the task throws, the
   * result fails.
   */
  void after(Duration delay, Runnable task, CompletableFuture<?> result) {
    scheduler.schedule(
        delay,
        () -> {
          try {
            owner.execute(() -> run(task, result));
          } catch (RejectedExecutionException e) {
            result.completeExceptionally(closed(e));
          }
        });
  }

  private static void run(Runnable task, CompletableFuture<?> result) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /**
   * Whether the limit has passed; it passes by itself, and not by a clock that may be set.
   *
   * @param result when it is complete nobody asks any more
   */
  BooleanSupplier limit(Duration limit, CompletableFuture<?> result) {
    AtomicBoolean passed = new AtomicBoolean();
    Cancellable end = scheduler.schedule(limit, () -> passed.set(true));
    result.whenComplete((done, failure) -> end.cancel());
    return passed::get;
  }

  /** Completes with the stage, with true, or when the limit has passed, with false. */
  CompletionStage<Boolean> within(Duration limit, CompletionStage<?> stage) {
    CompletableFuture<Boolean> inTime = new CompletableFuture<>();
    stage.whenComplete((done, failure) -> inTime.complete(true));
    if (!inTime.isDone()) {
      Cancellable timeout = scheduler.schedule(limit, () -> inTime.complete(false));
      inTime.whenComplete((done, failure) -> timeout.cancel());
    }
    return inTime;
  }

  static ModuleException closed(RejectedExecutionException cause) {
    return new ModuleException("the module runtime is being closed", cause);
  }
}
