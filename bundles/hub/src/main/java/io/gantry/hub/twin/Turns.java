package io.gantry.hub.twin;

import io.gantry.spi.identity.Identity;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What concerns one identity happens one after another, each once the one before it is on disk;
 * identities do not wait for each other. Used on the executor only.
 */
final class Turns {

  private final Executor executor;
  private final Map<Identity, Deque<Supplier<CompletionStage<?>>>> lines = new HashMap<>();

  /**
   * @param executor on which everything runs
   */
  Turns(Executor executor) {
    this.executor = executor;
  }

  /** How many wait for their turn. */
  int waiting(Identity identity) {
    Deque<Supplier<CompletionStage<?>>> line = lines.get(identity);
    return line == null ? 0 : line.size();
  }

  /**
   * Runs a task when it is its turn.
   *
   * @param task must not throw; its turn ends when its stage completes, in whichever way
   */
  void enter(Identity identity, Supplier<CompletionStage<?>> task) {
    Deque<Supplier<CompletionStage<?>>> line = lines.get(identity);
    if (line == null) {
      lines.put(identity, new ArrayDeque<>());
      run(identity, task);
    } else {
      line.add(task);
    }
  }

  private void run(Identity identity, Supplier<CompletionStage<?>> task) {
    task.get().whenCompleteAsync((done, failure) -> next(identity), executor);
  }

  private void next(Identity identity) {
    Supplier<CompletionStage<?>> task = lines.get(identity).poll();
    if (task == null) {
      lines.remove(identity);
    } else {
      run(identity, task);
    }
  }
}
