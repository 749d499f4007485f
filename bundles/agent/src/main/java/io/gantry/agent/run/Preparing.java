package io.gantry.agent.run;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The preparing of one module for a deployment that is not in force yet. What may go well later is
 * tried again and again; what cannot is told. Used by the agent's executor only.
 */
public final class Preparing {

  private final DeclaredModule declared;
  private final ModuleRuntime runtime;
  private final InstantSource time;
  private final Executor owner;

  private Optional<PreparedModule> prepared;
  private Optional<CompletableFuture<PreparedModule>> underWay = Optional.empty();
  private Pause pause = Pause.NONE;
  private Optional<String> failure = Optional.empty();
  private boolean hopeless;
  private boolean cancelled;
  private String progress = "";
  private StatusWord lastWord = StatusWord.UNKNOWN;
  private Instant since;

  /**
   * @param known when nothing has to be looked up, because the same was prepared before
   * @param owner the agent's executor
   */
  public Preparing(
      DeclaredModule declared,
      Optional<PreparedModule> known,
      ModuleRuntime runtime,
      InstantSource time,
      Executor owner) {
    this.declared = declared;
    this.prepared = known;
    this.runtime = runtime;
    this.time = time;
    this.owner = owner;
    this.since = time.instant();
  }

  /** Begins when it is time, and runs {@code then} when it has got on and when it has ended. */
  public void attend(List<RepositoryLogin> logins, Runnable then) {
    if (prepared.isPresent() || underWay.isPresent() || hopeless || !pause.isOver(time.instant())) {
      return;
    }
    CompletableFuture<PreparedModule> begun = begin(logins, then);
    underWay = Optional.of(begun);
    begun.whenComplete(
        (found, thrown) ->
            owner.execute(
                () -> {
                  ended(found, thrown);
                  then.run();
                }));
  }

  private CompletableFuture<PreparedModule> begin(List<RepositoryLogin> logins, Runnable then) {
    try {
      return runtime.prepare(
          declared.spec(), logins, (bytes, total) -> fetched(bytes, total, then));
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void fetched(long bytes, long total, Runnable then) {
    String text = Progress.text(bytes, total);
    owner.execute(
        () -> {
          progress = text;
          then.run();
        });
  }

  private void ended(PreparedModule found, Throwable thrown) {
    underWay = Optional.empty();
    progress = "";
    if (cancelled) {
      return;
    }
    if (thrown == null) {
      prepared = Optional.of(found);
      failure = Optional.empty();
      return;
    }
    failure = Optional.of("preparation failed: " + Failures.of(declared.name(), thrown));
    hopeless = !isTemporary(thrown);
    pause = pause.longer(time.instant());
  }

  /** What nobody has foreseen is no verdict on the module. */
  private static boolean isTemporary(Throwable thrown) {
    Throwable cause = Stages.cause(thrown);
    return cause instanceof ModuleException known
        ? known.temporary()
        : !(cause instanceof CancellationException);
  }

  /** Ends it; what comes of it counts no more. */
  public void cancel() {
    cancelled = true;
    underWay.ifPresent(future -> future.cancel(true));
  }

  /** What failed is tried again without waiting. */
  public void retryNow() {
    pause = Pause.NONE;
    failure = Optional.empty();
    hopeless = false;
  }

  /** As it is declared. */
  public DeclaredModule declared() {
    return declared;
  }

  /** What came of it. */
  public Optional<PreparedModule> prepared() {
    return prepared;
  }

  /** Whether it has neither succeeded nor failed yet. */
  public boolean isUntried() {
    return prepared.isEmpty() && (underWay.isPresent() || pause.tries() == 0) && failure.isEmpty();
  }

  /** Whether it is being done now. */
  public boolean isUnderWay() {
    return underWay.isPresent();
  }

  /** Whether it will fail again until somebody changes something. */
  public boolean isHopeless() {
    return hopeless;
  }

  /** What it last failed with; empty when it did not. */
  public Optional<String> failure() {
    return failure;
  }

  /** How far a download is; empty when nothing is to be told. */
  public String progress() {
    return progress;
  }

  /** The status of a module of which nothing is there yet. */
  public ModuleStatus status(Instant now) {
    StatusWord word =
        underWay.isPresent()
            ? StatusWord.DOWNLOADING
            : failure.isPresent() ? StatusWord.FAILED : StatusWord.UNKNOWN;
    String rest =
        prepared.isPresent()
            ? "fetched, waits for the rest of its deployment"
            : "not attempted yet";
    String text =
        underWay.isPresent()
            ? "being fetched" + (progress.isEmpty() ? "" : ", " + progress)
            : failure.orElse(rest);
    if (word != lastWord) {
      lastWord = word;
      since = now;
    }
    return new ModuleStatus(
        declared.name(),
        Optional.of(declared),
        Optional.empty(),
        word,
        text,
        since,
        RestartHistory.NONE,
        failure.map(Trail.NONE::failed).orElse(Trail.NONE));
  }

  /** The status of a module that is there, with what is being done for its successor. */
  public ModuleStatus added(ModuleStatus known) {
    String text =
        underWay.isPresent()
            ? ", an update is being fetched" + (progress.isEmpty() ? "" : ", " + progress)
            : failure.map(why -> ", an update waits: " + why).orElse("");
    return known.withDescription(known.description() + text);
  }

  /** When it is tried again. */
  public Optional<Instant> due() {
    return prepared.isPresent() || underWay.isPresent() || hopeless
        ? Optional.empty()
        : pause.until();
  }
}
