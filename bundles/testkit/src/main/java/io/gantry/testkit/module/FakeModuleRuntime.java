package io.gantry.testkit.module;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Effect;
import io.gantry.spi.module.ModuleForecast.Manner;
import io.gantry.spi.module.ModuleListener;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A {@link ModuleRuntime} that installs nothing but keeps the books as the real one does. Every
 * bundle that is asked for exists, in the version asked for (a range gives its lower bound, nothing
 * gives 1.0.0), until {@link #fail} says otherwise. Steps complete within the call unless they are
 * held. Belongs to the test's thread.
 */
public final class FakeModuleRuntime implements ModuleRuntime {

  /** The steps of a {@link ModuleRuntime}. */
  public enum Step {
    PREPARE,
    INSTALL,
    SWAP,
    START,
    STOP,
    REMOVE
  }

  private record Call(Step step, String module) {
    @Override
    public String toString() {
      return step.name().toLowerCase(Locale.ROOT) + " " + module;
    }
  }

  private final Map<String, InstalledModule> modules = new TreeMap<>();
  private final List<ModuleListener> listeners = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final Map<Call, String> failures = new HashMap<>();
  private final Map<Call, CompletableFuture<Void>> gates = new HashMap<>();
  private final Set<Call> temporary = new HashSet<>();
  private final Set<Call> broken = new HashSet<>();
  private final Set<Call> outdated = new HashSet<>();
  private final Set<String> lost = new HashSet<>();
  private final Map<String, FetchProgress> fetching = new HashMap<>();
  private final Map<String, Set<String>> uses = new HashMap<>();
  private final Set<String> singletons = new HashSet<>();
  private final Map<String, ModuleSpec> asked = new HashMap<>();
  private List<PreparedModule> retained = List.of();
  private List<RepositoryLogin> logins = List.of();
  private boolean blind;

  @Override
  public List<InstalledModule> modules() {
    if (blind) {
      throw new IllegalStateException("the test says so");
    }
    return List.copyOf(modules.values());
  }

  /** As it would be prepared, put in place as the specification and what runs have it. */
  @Override
  public CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins) {
    String failure = failures.get(new Call(Step.PREPARE, spec.name()));
    if (failure != null) {
      return CompletableFuture.failedFuture(new ModuleException(failure));
    }
    return forecast(prepared(spec));
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(PreparedModule prepared) {
    ModuleSpec spec = prepared.spec();
    InstalledModule present = modules.get(spec.name());
    boolean exclusive =
        spec.exclusive() || present != null && present.prepared().spec().exclusive();
    return CompletableFuture.completedFuture(
        new ModuleForecast(
            spec,
            prepared.version(),
            Optional.of(prepared),
            List.of(),
            present == null ? Manner.INSTALL : exclusive ? Manner.REPLACE : Manner.SWAP,
            exclusive ? List.of("it is exclusive") : List.of(),
            List.of()));
  }

  /** Of a module that was said to use another one, when that one is moved. */
  @Override
  public CompletionStage<List<List<Disturbance>>> disturbances(List<ModuleMove> moves) {
    return CompletableFuture.completedFuture(
        moves.stream()
            .map(
                move ->
                    uses.getOrDefault(move.module(), Set.of()).stream()
                        .filter(user -> moves.stream().noneMatch(m -> m.module().equals(user)))
                        .map(user -> new Disturbance(user, Effect.REBOUND, List.of("uses it")))
                        .toList())
            .toList());
  }

  /** From now on the modules cannot be listed, or can be again. */
  public void isBlind(boolean isBlind) {
    blind = isBlind;
  }

  /** What was last to be prepared for a module. */
  public ModuleSpec asked(String module) {
    return asked.get(module);
  }

  /** From now on a module uses a service of another one. */
  public void uses(String user, String provider) {
    uses.computeIfAbsent(provider, absent -> new TreeSet<>()).add(user);
  }

  /** From now on there can be no second bundle of this name. */
  public void isSingleton(String symbolicName) {
    singletons.add(symbolicName);
  }

  @Override
  public CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress) {
    fetching.put(spec.name(), progress);
    asked.put(spec.name(), spec);
    return step(Step.PREPARE, spec.name())
        .thenApply(
            done -> {
              if (spec.image().digest().isPresent()) {
                refresh(spec.name());
              }
              return prepared(spec);
            });
  }

  private void refresh(String module) {
    for (Step step : Step.values()) {
      Call call = new Call(step, module);
      if (outdated.remove(call)) {
        failures.remove(call);
      }
    }
  }

  private PreparedModule prepared(ModuleSpec spec) {
    String version = version(spec.image());
    String sha256 = spec.image().digest().orElse(sha256(spec.image().symbolicName() + version));
    Set<String> own = new HashSet<>(Set.of(spec.image().symbolicName()));
    own.retainAll(singletons);
    return new PreparedModule(spec, version, sha256, List.of(), own);
  }

  @Override
  public CompletionStage<Void> install(PreparedModule module) {
    return step(Step.INSTALL, module.spec().name())
        .thenRun(
            () ->
                put(
                    new InstalledModule(
                        module.spec().name(), module, State.STOPPED, Optional.empty())));
  }

  /** The old one goes on when the step fails. */
  @Override
  public CompletionStage<Void> swap(PreparedModule module) {
    return step(Step.SWAP, module.spec().name())
        .thenRun(
            () ->
                put(
                    new InstalledModule(
                        module.spec().name(), module, State.RUNNING, Optional.empty())));
  }

  @Override
  public CompletionStage<Void> start(String name) {
    InstalledModule module = modules.get(name);
    if (module == null) {
      calls.add(new Call(Step.START, name));
      return CompletableFuture.failedFuture(
          new ModuleException("cannot start module " + name + ": it is not installed"));
    }
    CompletableFuture<Void> begun = step(Step.START, name);
    put(with(module, State.STARTING, Optional.empty()));
    return begun.whenComplete(
        (done, failure) ->
            put(
                failure == null
                    ? with(module, State.RUNNING, Optional.empty())
                    : with(module, State.FAILED, Optional.of(text(failure)))));
  }

  @Override
  public CompletionStage<Void> stop(String name) {
    return step(Step.STOP, name)
        .thenRun(
            () ->
                modules.computeIfPresent(
                    name, (same, module) -> with(module, State.STOPPED, Optional.empty())));
  }

  @Override
  public CompletionStage<Void> remove(String name) {
    return step(Step.REMOVE, name).thenRun(() -> modules.remove(name));
  }

  @Override
  public CompletionStage<Boolean> holds(PreparedModule module) {
    return CompletableFuture.completedFuture(!lost.contains(module.spec().name()));
  }

  /** The cache loses what is installed for this module from now on, or finds it again. */
  public void lose(String module, boolean isLost) {
    if (isLost) {
      lost.add(module);
    } else {
      lost.remove(module);
    }
  }

  @Override
  public void retain(Collection<PreparedModule> needed) {
    retained = List.copyOf(needed);
  }

  @Override
  public void use(List<RepositoryLogin> known) {
    logins = List.copyOf(known);
  }

  /** Who we were last said to be. */
  public List<RepositoryLogin> logins() {
    return logins;
  }

  /** What was last said to be needed. */
  public List<PreparedModule> retained() {
    return retained;
  }

  @Override
  public AutoCloseable listen(ModuleListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The calls in order since the last {@link #forgetCalls}, as {@code install filter}. */
  public List<String> calls() {
    return calls.stream().map(Call::toString).toList();
  }

  /** Begins a new list of calls. */
  public void forgetCalls() {
    calls.clear();
  }

  /** From now on the step fails for the module with this text, until {@link #heal}. */
  public void fail(Step step, String module, String text) {
    failures.put(new Call(step, module), text);
  }

  /** As above, but it may go well later though nobody changes anything. */
  public void failForNow(Step step, String module, String text) {
    failures.put(new Call(step, module), text);
    temporary.add(new Call(step, module));
  }

  /** From now on the step finds the module outdated, until exactly that one is prepared again. */
  public void outdate(Step step, String module) {
    fail(step, module, "prepare it again");
    outdated.add(new Call(step, module));
  }

  /** From now on the call of the step itself throws an error, until {@link #heal}. */
  public void breakDown(Step step, String module) {
    broken.add(new Call(step, module));
  }

  /** The step works again. */
  public void heal(Step step, String module) {
    broken.remove(new Call(step, module));
    failures.remove(new Call(step, module));
    temporary.remove(new Call(step, module));
  }

  /** From now on the step does not complete for the module, until {@link #release}. */
  public void hold(Step step, String module) {
    gates.put(new Call(step, module), new CompletableFuture<>());
  }

  /** Says how far the download for a module is that was begun last. */
  public void fetched(String module, long bytes, long total) {
    fetching.getOrDefault(module, FetchProgress.NONE).fetched(bytes, total);
  }

  /** Lets the held step and those after it complete. */
  public void release(Step step, String module) {
    CompletableFuture<Void> gate = gates.remove(new Call(step, module));
    if (gate == null) {
      throw new IllegalStateException(step + " of " + module + " is not held");
    }
    gate.complete(null);
  }

  /** The module stops by itself without failure: exit code 0. */
  public void exit(String name) {
    change(with(installed(name), State.STOPPED, Optional.empty()));
  }

  /** The module fails by itself: exit code 1. */
  public void crash(String name, String error) {
    change(with(installed(name), State.FAILED, Optional.of(error)));
  }

  /** The module goes on running but is not healthy. */
  public void sicken(String name, String problem) {
    change(with(installed(name), State.UNHEALTHY, Optional.of(problem)));
  }

  /** The module runs and is healthy again. */
  public void recover(String name) {
    change(with(installed(name), State.RUNNING, Optional.empty()));
  }

  /** The process starts again: all that was installed is gone, as the bundle cache is. */
  public void restart() {
    modules.clear();
  }

  /** The module of this name. */
  public InstalledModule installed(String name) {
    InstalledModule module = modules.get(name);
    if (module == null) {
      throw new IllegalStateException("module " + name + " is not installed");
    }
    return module;
  }

  private void change(InstalledModule module) {
    put(module);
    List.copyOf(listeners).forEach(listener -> listener.changed(module));
  }

  private void put(InstalledModule module) {
    modules.put(module.name(), module);
  }

  private CompletableFuture<Void> step(Step step, String module) {
    Call call = new Call(step, module);
    calls.add(call);
    if (broken.contains(call)) {
      throw new NoClassDefFoundError("a class of the engine room");
    }
    CompletableFuture<Void> gate =
        gates.getOrDefault(call, CompletableFuture.completedFuture(null));
    return gate.thenCompose(open -> outcome(call));
  }

  private CompletableFuture<Void> outcome(Call call) {
    String failure = failures.get(call);
    if (failure == null) {
      return CompletableFuture.completedFuture(null);
    }
    return CompletableFuture.failedFuture(
        outdated.contains(call)
            ? ModuleException.outdated(failure)
            : new ModuleException(failure, new IOException(failure), temporary.contains(call)));
  }

  private static String text(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage());
  }

  private static InstalledModule with(InstalledModule module, State state, Optional<String> error) {
    return new InstalledModule(module.name(), module.prepared(), state, error);
  }

  private static String version(ImageReference image) {
    String asked = image.version().orElse("1.0.0");
    boolean range = "[(".indexOf(asked.charAt(0)) >= 0;
    return range ? asked.substring(1, asked.indexOf(',')).strip() : asked;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
