package io.gantry.hub.identity;

import io.gantry.spi.execution.Stages;
import io.gantry.spi.identity.IdentityException;
import io.gantry.spi.store.StoreException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lets changes of one lane wait for each other until each is durable, and those of different lanes
 * not: many devices created at once share the store's syncs.
 */
final class Turns {

  /** A change; begun on the executor when it is its turn. */
  @FunctionalInterface
  interface Change<T extends @Nullable Object> {
    CompletionStage<T> begin() throws IdentityException;
  }

  private record Turn<T extends @Nullable Object>(
      String lane, Change<T> change, CompletableFuture<T> result) {}

  private final Executor executor;

  // who waits, by lane; a lane is there while a change is under way in it. The executor's own
  private final Map<String, Queue<Turn<?>>> lanes = new HashMap<>();

  Turns(Executor executor) {
    this.executor = executor;
  }

  /** Makes a change when those before it are done. The stage completes on the executor. */
  <T extends @Nullable Object> CompletionStage<T> take(String lane, Change<T> change) {
    Turn<T> turn = new Turn<>(lane, change, new CompletableFuture<>());
    execute(turn, () -> enter(turn));
    return turn.result();
  }

  private void execute(Turn<?> turn, Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException closing) {
      refuse(turn);
    }
  }

  private static void refuse(Turn<?> turn) {
    turn.result()
        .completeExceptionally(
            new StoreException(
                StoreException.Kind.CLOSED,
                "Changing identities: the registry is being closed; nothing was changed"));
  }

  private void enter(Turn<?> turn) {
    Queue<Turn<?>> queue = lanes.get(turn.lane());
    if (queue == null) {
      lanes.put(turn.lane(), new ArrayDeque<>());
      begin(turn);
    } else {
      queue.add(turn);
    }
  }

  private <T extends @Nullable Object> void begin(Turn<T> turn) {
    call(turn.change())
        .whenComplete((value, failure) -> execute(turn, () -> end(turn, value, failure)));
  }

  private static <T extends @Nullable Object> CompletionStage<T> call(Change<T> change) {
    try {
      return change.begin();
    } catch (IdentityException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private <T extends @Nullable Object> void end(
      Turn<T> turn, T value, @Nullable Throwable failure) {
    if (failure == null) {
      turn.result().complete(value);
    } else {
      turn.result().completeExceptionally(Stages.cause(failure));
    }
    Queue<Turn<?>> queue = lanes.get(turn.lane());
    Turn<?> next = queue == null ? null : queue.poll();
    if (next == null) {
      lanes.remove(turn.lane());
    } else {
      begin(next);
    }
  }

  /** Whoever waits for a turn gets none. On the executor. */
  void close() {
    for (Queue<Turn<?>> queue : lanes.values()) {
      for (Turn<?> turn = queue.poll(); turn != null; turn = queue.poll()) {
        refuse(turn);
      }
    }
  }
}
