package io.gantry.testkit.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FakeModuleRuntimeTest extends ModuleRuntimeContract {

  private final FakeModuleRuntime runtime = new FakeModuleRuntime();

  @Override
  protected ModuleRuntime runtime() {
    return runtime;
  }

  @Override
  protected ModuleSpec good(String name, String version) {
    runtime.heal(Step.START, name);
    runtime.heal(Step.SWAP, name);
    return new ModuleSpec(
        name,
        ImageReference.parse("acme.good:" + version),
        PullPolicy.ON_CREATE,
        Map.of(),
        Map.of());
  }

  @Override
  protected ModuleSpec failing(String name) {
    ModuleSpec spec = good(name, "1.0.0");
    runtime.fail(Step.START, name, "it threw");
    runtime.fail(Step.SWAP, name, "it threw");
    return spec;
  }

  @Override
  protected ModuleSpec missing(String name) {
    runtime.fail(Step.PREPARE, name, "module " + name + " is not there");
    return good(name, "1.0.0");
  }

  @Test
  void aHeldStepCompletesWhenItIsReleased() {
    ModuleSpec spec = good("m", "1.0.0");
    runtime.hold(Step.PREPARE, "m");
    CompletableFuture<?> prepared = runtime.prepare(spec).toCompletableFuture();
    assertFalse(prepared.isDone());
    runtime.release(Step.PREPARE, "m");
    assertTrue(prepared.isDone());
    assertEquals(List.of("prepare m"), runtime.calls());
  }

  @Test
  void aCrashIsTold() {
    List<State> told = new ArrayList<>();
    runtime.listen((InstalledModule module) -> told.add(module.state()));
    runtime.install(runtime.prepare(good("m", "1.0.0")).toCompletableFuture().join());
    runtime.start("m");
    runtime.crash("m", "sensor gone");
    runtime.start("m");
    runtime.exit("m");
    assertEquals(List.of(State.FAILED, State.STOPPED), told);
  }
}
