package io.gantry.module.host.repository;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.fetch.Logins;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.RepositoryRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** The repositories as an operator sees them. Any thread. */
final class Registry implements RepositoryRegistry {

  /** How long somebody waits who only wants to see. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Sources sources;
  private final Repositories repositories;
  private final Retention retention;
  private final Supplier<Logins> logins;
  private final InstantSource clock;
  private final Scheduler scheduler;
  private final Executor executor;
  private final Map<String, Instant> readAt = new ConcurrentHashMap<>();

  /**
   * @param logins those that are known now
   * @param executor for what may take long
   */
  Registry(
      Sources sources,
      Repositories repositories,
      Retention retention,
      Supplier<Logins> logins,
      InstantSource clock,
      Scheduler scheduler,
      Executor executor) {
    this.sources = sources;
    this.repositories = repositories;
    this.retention = retention;
    this.logins = logins;
    this.clock = clock;
    this.scheduler = scheduler;
    this.executor = executor;
  }

  @Override
  public CompletionStage<List<Report>> list() {
    return CompletableFuture.supplyAsync(
        () -> limited(limit -> sources.entries().stream().map(e -> report(e, limit)).toList()),
        executor);
  }

  private <T> T limited(Function<Cancellation, T> look) {
    Cancellation cancellation = new Cancellation();
    Cancellable limit = scheduler.schedule(LIMIT, cancellation::cancel);
    try {
      return look.apply(cancellation);
    } finally {
      limit.cancel();
    }
  }

  private Report report(Entry entry, Cancellation cancellation) {
    try {
      int bundles =
          (int)
              repositories.read(entry.address(), logins.get(), cancellation).stream()
                  .filter(resource -> resource.isInstallable())
                  .count();
      Instant now = clock.instant();
      readAt.put(entry.address(), now);
      return new Report(entry, OptionalInt.of(bundles), Optional.of(now), Optional.empty());
    } catch (IOException e) {
      String reason =
          cancellation.isCancelled()
              ? "was not read within " + LIMIT.toSeconds() + " s"
              : Repositories.unread(e).reason();
      return new Report(
          entry,
          OptionalInt.empty(),
          Optional.ofNullable(readAt.get(entry.address())),
          Optional.of("it " + reason));
    }
  }

  @Override
  public CompletionStage<Report> add(String address, boolean signed) {
    return kept("cannot be added", () -> sources.add(address, signed))
        .thenApplyAsync(entry -> limited(limit -> report(entry, limit)), executor);
  }

  @Override
  public CompletionStage<Boolean> remove(String address) {
    return kept("cannot be removed", () -> sources.remove(address));
  }

  /** A wrong request stays what it is; what the store refuses becomes a sentence. */
  private static <T> CompletionStage<T> kept(String what, Supplier<CompletionStage<T>> change) {
    CompletionStage<T> stage;
    try {
      stage = change.get();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    return stage
        .handle(
            (done, failure) ->
                failure == null
                    ? CompletableFuture.completedFuture(done)
                    : CompletableFuture.<T>failedFuture(
                        new ModuleException(
                            "the repository " + what + ": " + Stages.cause(failure).getMessage(),
                            Stages.cause(failure))))
        .thenCompose(Function.identity());
  }

  @Override
  public CompletionStage<Collected> collect() {
    return CompletableFuture.supplyAsync(retention::collect, executor);
  }
}
