package io.gantry.agent.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Something the agent itself must get done (keep the manifest, give the hub its half), tried until
 * it succeeds. What does not come to its end is told like a failure, and keeps nothing that is
 * wanted later from being tried. Used by the agent's executor only.
 */
public final class Duty {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What is under way, and how long that is no failure. */
  private record Try(Supplier<CompletionStage<Void>> action, Pause patience) {}

  private final String name;
  private final InstantSource time;
  private final Executor owner;

  private Optional<Supplier<CompletionStage<Void>>> wanted = Optional.empty();
  private Pause pause = Pause.NONE;
  private Optional<String> failure = Optional.empty();
  private Optional<Try> underWay = Optional.empty();

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

  /** Nothing is to be done any more. */
  public void drop() {
    wanted = Optional.empty();
    failure = Optional.empty();
    pause = Pause.NONE;
  }

  /** What failed is tried again without waiting. */
  public void retryNow() {
    pause = Pause.NONE;
  }

  /** Whether it has not been tried yet. */
  public boolean isUntried() {
    return wanted.isPresent() && (underWay.isPresent() ? !isOverdue() : pause.tries() == 0);
  }

  /** Whether there is nothing to do, be it that nothing was wanted yet. */
  public boolean isIdle() {
    return wanted.isEmpty() && underWay.isEmpty();
  }

  /** What it failed with; empty when it did not. */
  public Optional<String> failure() {
    return wanted.isPresent() && isOverdue()
        ? Optional.of(
            name + " has not ended within " + PATIENCE.toSeconds() + " s; it is waited for")
        : failure;
  }

  private boolean isOverdue() {
    return underWay.filter(now -> now.patience.isOver(time.instant())).isPresent();
  }

  /** When it is tried again, or waited for no more. */
  public Optional<Instant> due() {
    if (underWay.isPresent()) {
      return isOverdue() ? Optional.empty() : underWay.get().patience.until();
    }
    return wanted.isEmpty() ? Optional.empty() : pause.until();
  }

  /** Tries it when it is time, and runs {@code then} afterwards. */
  public void attend(Runnable then) {
    Instant now = time.instant();
    if (wanted.isEmpty() || isHeldUp() || !pause.isOver(now)) {
      return;
    }
    Try begun = new Try(wanted.get(), Pause.of(PATIENCE, now));
    underWay = Optional.of(begun);
    call(begun.action)
        .whenComplete(
            (done, thrown) ->
                owner.execute(
                    () -> {
                      ended(begun, Optional.ofNullable(thrown));
                      then.run();
                    }));
  }

  /** By what was begun before, unless that hangs and something else is wanted by now. */
  private boolean isHeldUp() {
    return underWay.isPresent()
        && (!isOverdue() || wanted.filter(now -> now == underWay.get().action).isPresent());
  }

  private void ended(Try begun, Optional<Throwable> thrown) {
    if (underWay.filter(now -> now == begun).isEmpty()) {
      return;
    }
    underWay = Optional.empty();
    if (wanted.filter(now -> now == begun.action).isEmpty()) {
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
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
