package io.gantry.agent.run;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Something the agent itself must get done (keep the manifest, give the hub its half), tried until
 * it succeeds. Used by the agent's executor only.
 */
public final class Duty {

  private final String name;
  private final InstantSource time;
  private final Executor owner;

  private Optional<Supplier<CompletionStage<Void>>> wanted = Optional.empty();
  private Pause pause = Pause.NONE;
  private Optional<String> failure = Optional.empty();
  private boolean underWay;

  /**
   * A duty with nothing to do yet.
   *
   * @param name for error texts: what is attempted
   */
  public Duty(String name, InstantSource time, Executor owner) {
    this.name = name;
    this.time = time;
    this.owner = owner;
  }

  /** This is to be done now, in the place of what was to be done before. */
  public void want(Supplier<CompletionStage<Void>> action) {
    wanted = Optional.of(action);
    pause = Pause.NONE;
  }

  /** What failed is tried again without waiting. */
  public void retryNow() {
    pause = Pause.NONE;
  }

  /** Whether it has not been tried yet. */
  public boolean isUntried() {
    return underWay || wanted.isPresent() && pause.tries() == 0;
  }

  /** Whether there is nothing to do, be it that nothing was wanted yet. */
  public boolean isIdle() {
    return wanted.isEmpty() && !underWay;
  }

  /** What it failed with; empty when it did not. */
  public Optional<String> failure() {
    return failure;
  }

  /** When it is tried again. */
  public Optional<Instant> due() {
    return wanted.isEmpty() || underWay ? Optional.empty() : pause.until();
  }

  /** Tries it when it is time, and runs {@code then} afterwards. */
  public void attend(Runnable then) {
    if (underWay || wanted.isEmpty() || !pause.isOver(time.instant())) {
      return;
    }
    underWay = true;
    Supplier<CompletionStage<Void>> action = wanted.get();
    call(action)
        .whenComplete(
            (done, thrown) ->
                owner.execute(
                    () -> {
                      ended(action, Optional.ofNullable(thrown));
                      then.run();
                    }));
  }

  private void ended(Supplier<CompletionStage<Void>> action, Optional<Throwable> thrown) {
    underWay = false;
    if (wanted.filter(now -> now == action).isEmpty()) {
      return;
    }
    failure = thrown.map(why -> name + " failed: " + Failures.text(why));
    if (failure.isPresent()) {
      pause = pause.longer(time.instant());
    } else {
      wanted = Optional.empty();
      pause = Pause.NONE;
    }
  }

  private static CompletionStage<Void> call(Supplier<CompletionStage<Void>> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
