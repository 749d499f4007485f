package io.gantry.module.client.traffic;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was said of each module; those who call modules ask here whom they may, and say
 * here whom they do.
 */
public final class Traffic implements ModuleTraffic, AutoCloseable {

  /** Somebody who calls modules. */
  @FunctionalInterface
  public interface Caller {
    /**
     * Something else was said of the module.
     *
     * @param done to be run once the caller goes by it; on any thread
     */
    void reconsider(String module, Runnable done);
  }

  private static final NavigableSet<Long> NOBODY = Collections.emptyNavigableSet();

  private final HangWatch watch;
  private final List<Caller> callers = new CopyOnWriteArrayList<>();
  private final Map<String, LongPredicate> said = new ConcurrentHashMap<>();
  private final Map<String, Set<Calls>> calls = new ConcurrentHashMap<>();
  private final Map<String, NavigableSet<Long>> speaking = new ConcurrentHashMap<>();
  private final Map<ModuleLocation, Set<CompletableFuture<Void>>> asked = new ConcurrentHashMap<>();
  private final Map<Object, Missing> missing = new ConcurrentHashMap<>();

  private record Missing(ModuleLocation generation, String problem) {}

  /**
   * @param limit how long a call may take before it is told that it hangs; zero when nobody cares
   */
  public Traffic(Duration limit, Threads threads, Scheduler scheduler) {
    this.watch = new HangWatch(limit, threads, scheduler);
  }

  /** From now on this one is told. */
  public void add(Caller caller) {
    callers.add(caller);
  }

  /** Whether it was said who serves, or that nobody does. */
  public boolean isSaid(String module) {
    return said.containsKey(module);
  }

  /** Whether this generation may be called; without a word on it any may. */
  public boolean mayServe(String module, long generation) {
    return said.getOrDefault(module, any -> true).test(generation);
  }

  /** A generation has begun to speak for its module: it may ask what it is not told of later. */
  public void came(ModuleLocation generation) {
    speaking.compute(generation.module(), (module, all) -> with(generation.generation(), all));
  }

  private static NavigableSet<Long> with(long one, @Nullable NavigableSet<Long> all) {
    NavigableSet<Long> more = all == null ? new ConcurrentSkipListSet<>() : all;
    more.add(one);
    return more;
  }

  /** It speaks no more. */
  public void left(ModuleLocation generation) {
    speaking.computeIfPresent(
        generation.module(),
        (module, all) -> {
          all.remove(generation.generation());
          return all.isEmpty() ? null : all;
        });
  }

  /** The newest generation that speaks for the module; negative when there is none. */
  public long newest(String module) {
    Long last = speaking.getOrDefault(module, NOBODY).floor(Long.MAX_VALUE);
    return last == null ? -1 : last;
  }

  /**
   * There is a handler that may be called.
   *
   * @param handler as the subject of a sentence
   */
  public Calls begin(ModuleLocation generation, String handler) {
    Calls begun = new Calls(generation, handler, watch);
    calls.compute(
        generation.module(),
        (module, all) -> {
          Set<Calls> more = all == null ? ConcurrentHashMap.newKeySet() : all;
          more.add(begun);
          return more;
        });
    watch.watch(begun);
    return begun;
  }

  /**
   * The handler is called no more; its calls that are under way still count until they are over.
   */
  public void end(Calls gone) {
    gone.over()
        .thenRun(
            () -> {
              watch.forget(gone);
              calls.computeIfPresent(
                  gone.generation().module(),
                  (module, all) -> {
                    all.remove(gone);
                    return all.isEmpty() ? null : all;
                  });
            });
  }

  /**
   * There is a handler, but it cannot be had.
   *
   * @param key by which it is known
   * @param handler as the subject of a sentence
   */
  void lacks(Object key, ModuleLocation generation, String handler) {
    missing.put(
        key,
        new Missing(
            generation, handler + " cannot be had: it could not be made, see the log of edgeHub"));
  }

  /** A handler is there, or is gone for good. */
  void lacksNoMore(Object key) {
    missing.remove(key);
  }

  /**
   * One of its handlers is being asked for: until that is over the generation has not been met.
   *
   * @param over completes in any case, unless the module hangs
   */
  void asks(ModuleLocation generation, CompletableFuture<Void> over) {
    asked.compute(
        generation,
        (one, all) -> {
          Set<CompletableFuture<Void>> more = all == null ? ConcurrentHashMap.newKeySet() : all;
          more.add(over);
          return more;
        });
    over.thenRun(
        () ->
            asked.computeIfPresent(
                generation,
                (one, all) -> {
                  all.remove(over);
                  return all.isEmpty() ? null : all;
                }));
  }

  /** Behind what its callers have been told of it is what they have asked for. */
  @Override
  public CompletionStage<Optional<String>> meet(ModuleLocation generation) {
    return reconsidered(generation.module())
        .thenCompose(told -> all(asked.getOrDefault(generation, Set.of()).stream()))
        .thenApply(
            done ->
                missing.values().stream()
                    .filter(one -> one.generation().equals(generation))
                    .map(Missing::problem)
                    .sorted()
                    .findFirst());
  }

  @Override
  public CompletionStage<Void> serve(ModuleLocation generation) {
    long serving = generation.generation();
    return say(generation.module(), one -> one == serving);
  }

  @Override
  public CompletionStage<Void> hold(String module) {
    return say(module, none -> false);
  }

  private CompletionStage<Void> say(String module, LongPredicate mayServe) {
    said.put(module, mayServe);
    return reconsidered(module)
        .thenCompose(
            done ->
                all(
                    calls.getOrDefault(module, Set.of()).stream()
                        .filter(some -> !mayServe.test(some.generation().generation()))
                        .map(Calls::over)));
  }

  @Override
  public void forget(String module) {
    said.remove(module);
    reconsidered(module);
  }

  private CompletionStage<Void> reconsidered(String module) {
    return all(
        callers.stream()
            .map(
                caller -> {
                  CompletableFuture<Void> done = new CompletableFuture<>();
                  caller.reconsider(module, () -> done.complete(null));
                  return done;
                }));
  }

  private static CompletionStage<Void> all(Stream<? extends CompletionStage<Void>> stages) {
    return CompletableFuture.allOf(
        stages.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new));
  }

  @Override
  public AutoCloseable listen(Listener listener) {
    return watch.listen(listener);
  }

  @Override
  public void close() {
    watch.close();
  }
}
