package io.gantry.testkit.module;

import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A {@link ModuleTraffic} that gives nothing to anybody but remembers what it was told. What was
 * given is answered at once, unless the test keeps a module {@link #busy}. Any thread.
 */
public final class FakeModuleTraffic implements ModuleTraffic {

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Consumer<String> log;
  private final Map<String, Optional<ModuleLocation>> said = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Void>> unanswered = new ConcurrentHashMap<>();
  private final Map<ModuleLocation, String> hanging = new ConcurrentHashMap<>();
  private volatile Function<ModuleLocation, CompletionStage<Optional<String>>> meeting =
      generation -> CompletableFuture.completedFuture(Optional.empty());
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Remembers what it was told. */
  public FakeModuleTraffic() {
    this(call -> {});
  }

  /** Besides, writes it down at once among other things that happen. */
  public FakeModuleTraffic(Consumer<String> log) {
    this.log = log;
  }

  @Override
  public CompletionStage<Optional<String>> meet(ModuleLocation generation) {
    return meeting.apply(generation);
  }

  /** From now on this happens when a generation is met. */
  public void meeting(Function<ModuleLocation, CompletionStage<Optional<String>>> what) {
    meeting = what;
  }

  @Override
  public CompletionStage<Void> serve(ModuleLocation generation) {
    said.put(generation.module(), Optional.of(generation));
    note("serve " + generation.module() + "/" + generation.generation());
    return answered(generation.module());
  }

  @Override
  public CompletionStage<Void> hold(String module) {
    said.put(module, Optional.empty());
    note("hold " + module);
    return answered(module);
  }

  @Override
  public void forget(String module) {
    said.remove(module);
    note("forget " + module);
  }

  @Override
  public AutoCloseable listen(Listener listener) {
    listeners.add(listener);
    hanging.forEach((generation, problem) -> listener.hangs(generation, Optional.of(problem)));
    return () -> listeners.remove(listener);
  }

  /** What was said, in order, as {@code serve filter/2}, {@code hold filter}. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Whether anything is given to the module: false while it is held. */
  public boolean isServed(String module) {
    return said.getOrDefault(module, Optional.of(new ModuleLocation(module, 0))).isPresent();
  }

  /** The generation that was named last; empty when none was or the module is held. */
  public Optional<ModuleLocation> serving(String module) {
    return said.getOrDefault(module, Optional.empty());
  }

  /** From now on the module has something to answer, until {@link #answer}. */
  public void busy(String module) {
    unanswered.put(module, new CompletableFuture<>());
  }

  /** The module has answered all. */
  public void answer(String module) {
    unanswered.remove(module).complete(null);
  }

  /** A handler hangs; empty when it has come back. */
  public void hang(ModuleLocation generation, Optional<String> problem) {
    problem.ifPresentOrElse(
        text -> hanging.put(generation, text), () -> hanging.remove(generation));
    listeners.forEach(listener -> listener.hangs(generation, problem));
  }

  /** How many want to know of handlers that hang. */
  public int listeners() {
    return listeners.size();
  }

  private void note(String call) {
    calls.add(call);
    log.accept(call);
  }

  private CompletionStage<Void> answered(String module) {
    return unanswered.getOrDefault(module, CompletableFuture.completedFuture(null));
  }
}
