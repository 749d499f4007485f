package io.gantry.testkit.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link ModuleRuntime} does, the real one and the fake. */
public abstract class ModuleRuntimeContract {

  /** The runtime under test, without modules. */
  protected abstract ModuleRuntime runtime() throws Exception;

  /** A module that starts; {@code version} is the bundle's. */
  protected abstract ModuleSpec good(String name, String version) throws Exception;

  /** A module that can be installed, and throws when it is started. */
  protected abstract ModuleSpec failing(String name) throws Exception;

  /** A module that cannot be prepared. */
  protected abstract ModuleSpec missing(String name) throws Exception;

  @Test
  void preparingChangesNothing() throws Exception {
    PreparedModule prepared = get(runtime().prepare(good("m", "1.2.0")));
    assertEquals("1.2.0", prepared.version());
    assertEquals(64, prepared.sha256().length());
    assertEquals(List.of(), runtime().modules());
  }

  @Test
  void whatIsMissingCannotBePrepared() throws Exception {
    assertTrue(failure(runtime().prepare(missing("m"))).contains("m"));
  }

  @Test
  void aModuleIsStoppedThenRunningThenStoppedThenGone() throws Exception {
    PreparedModule prepared = get(runtime().prepare(good("m", "1.0.0")));
    get(runtime().install(prepared));
    assertEquals(
        List.of(new InstalledModule("m", prepared, State.STOPPED, Optional.empty())),
        runtime().modules());
    get(runtime().start("m"));
    assertEquals(State.RUNNING, runtime().modules().get(0).state());
    get(runtime().stop("m"));
    assertEquals(State.STOPPED, runtime().modules().get(0).state());
    get(runtime().remove("m"));
    assertEquals(List.of(), runtime().modules());
  }

  @Test
  void stoppingAndRemovingWhatIsNotThereIsDone() throws Exception {
    get(runtime().stop("m"));
    get(runtime().remove("m"));
  }

  @Test
  void startingWhatIsNotThereFails() throws Exception {
    assertTrue(failure(runtime().start("m")).contains("m"));
  }

  @Test
  void installingAgainReplacesAndStops() throws Exception {
    get(runtime().install(get(runtime().prepare(good("m", "1.0.0")))));
    get(runtime().start("m"));
    PreparedModule next = get(runtime().prepare(good("m", "2.0.0")));
    get(runtime().install(next));
    assertEquals(
        List.of(new InstalledModule("m", next, State.STOPPED, Optional.empty())),
        runtime().modules());
  }

  @Test
  void aStartThatFailsIsRememberedWithItsReason() throws Exception {
    get(runtime().install(get(runtime().prepare(failing("m")))));
    String text = failure(runtime().start("m"));
    InstalledModule failed = runtime().modules().get(0);
    assertEquals(State.FAILED, failed.state());
    assertEquals(Optional.of(text), failed.error());
    get(runtime().stop("m"));
    assertEquals(State.STOPPED, runtime().modules().get(0).state());
    assertEquals(Optional.empty(), runtime().modules().get(0).error());
  }

  @Test
  void aSwapLeavesTheNewOneRunning() throws Exception {
    run(good("m", "1.0.0"));
    PreparedModule next = get(runtime().prepare(good("m", "2.0.0")));
    get(runtime().swap(next));
    assertEquals(
        List.of(new InstalledModule("m", next, State.RUNNING, Optional.empty())),
        runtime().modules());
    get(runtime().stop("m"));
    get(runtime().start("m"));
    get(runtime().remove("m"));
    assertEquals(List.of(), runtime().modules());
  }

  /** Another configuration or environment is a swap, too. */
  @Test
  void theSameVersionMayTakeOverFromItself() throws Exception {
    ModuleSpec spec = good("m", "1.0.0");
    run(spec);
    PreparedModule next =
        get(
            runtime()
                .prepare(
                    new ModuleSpec(
                        "m",
                        spec.image(),
                        spec.pull(),
                        Map.of("interval", "5"),
                        spec.configuration())));
    get(runtime().swap(next));
    assertEquals(next, runtime().modules().get(0).prepared());
    assertEquals(State.RUNNING, runtime().modules().get(0).state());
  }

  @Test
  void aSwapThatFailsLeavesTheOldOneRunning() throws Exception {
    for (boolean exclusive : List.of(false, true)) {
      PreparedModule old = run(with(good("m", "1.0.0"), exclusive));
      PreparedModule next = get(runtime().prepare(with(failing("m"), exclusive)));
      assertFalse(failure(runtime().swap(next)).isBlank());
      assertEquals(
          List.of(new InstalledModule("m", old, State.RUNNING, Optional.empty())),
          runtime().modules());
      get(runtime().swap(get(runtime().prepare(with(good("m", "1.1.0"), exclusive)))));
      assertEquals("1.1.0", runtime().modules().get(0).prepared().version());
      get(runtime().remove("m"));
    }
  }

  @Test
  void anExclusiveModuleIsSwappedToo() throws Exception {
    run(with(good("m", "1.0.0"), true));
    PreparedModule next = get(runtime().prepare(with(good("m", "2.0.0"), true)));
    get(runtime().swap(next));
    assertEquals(
        List.of(new InstalledModule("m", next, State.RUNNING, Optional.empty())),
        runtime().modules());
  }

  /** Whoever swaps need not look whether the old one has gone meanwhile. */
  @Test
  void aSwapInThePlaceOfNothingStartsTheNewOne() throws Exception {
    PreparedModule next = get(runtime().prepare(good("m", "1.0.0")));
    get(runtime().swap(next));
    assertEquals(
        List.of(new InstalledModule("m", next, State.RUNNING, Optional.empty())),
        runtime().modules());
  }

  /** The agent asked for these changes and must not take them for news. */
  @Test
  void whatAStepDoesIsNotToldToListeners() throws Exception {
    List<InstalledModule> told = new ArrayList<>();
    try (AutoCloseable listening = runtime().listen(told::add)) {
      get(runtime().install(get(runtime().prepare(failing("m")))));
      failure(runtime().start("m"));
      get(runtime().install(get(runtime().prepare(good("m", "1.0.0")))));
      get(runtime().start("m"));
      get(runtime().swap(get(runtime().prepare(good("m", "1.1.0")))));
      failure(runtime().swap(get(runtime().prepare(failing("m")))));
      get(runtime().stop("m"));
      get(runtime().remove("m"));
    }
    assertEquals(List.of(), told);
  }

  private PreparedModule run(ModuleSpec spec) throws Exception {
    PreparedModule prepared = get(runtime().prepare(spec));
    get(runtime().install(prepared));
    get(runtime().start(spec.name()));
    return prepared;
  }

  private static ModuleSpec with(ModuleSpec spec, boolean exclusive) {
    return new ModuleSpec(
        spec.name(),
        spec.image(),
        spec.pull(),
        spec.environment(),
        spec.configuration(),
        exclusive);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static String failure(CompletionStage<?> stage) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> get(stage));
    return String.valueOf(assertInstanceOf(ModuleException.class, e.getCause()).getMessage());
  }
}
