package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bundles that somebody dropped in run as modules beside those of the manifest. */
class DropInsTest {

  /** A folder whose content the test sets. */
  private static final class Folder implements DropIns {

    private final List<Runnable> listeners = new ArrayList<>();
    private List<ModuleSpec> modules = List.of();

    void holds(String... images) {
      List<ModuleSpec> specs = new ArrayList<>();
      for (String image : images) {
        ImageReference reference = ImageReference.parse(image);
        specs.add(
            new ModuleSpec(
                reference.symbolicName(), reference, PullPolicy.ON_CREATE, Map.of(), Map.of()));
      }
      modules = List.copyOf(specs);
      listeners.forEach(Runnable::run);
    }

    @Override
    public List<ModuleSpec> modules() {
      return modules;
    }

    @Override
    public Map<String, String> problems() {
      return Map.of();
    }

    @Override
    public AutoCloseable listen(Runnable changed) {
      listeners.add(changed);
      return () -> listeners.remove(changed);
    }
  }

  private final Folder folder = new Folder();
  private final Gateway gateway = Gateway.started();

  private void use() {
    gateway.agent.use(folder);
    gateway.run();
  }

  private void drop(String... images) {
    folder.holds(images);
    gateway.run();
  }

  private String origin(String module) {
    JsonElement origin =
        gateway.reported().getAsJsonObject("modules").getAsJsonObject(module).get("origin");
    return origin == null ? "manifest" : origin.getAsString();
  }

  @Test
  void aBackEndIsToldWhichModulesWereDroppedIn() {
    use();
    drop("x:1.0", "y:1.0");
    gateway.deploy(of(module("a", "1.0"), module("y", "1.0")));
    assertEquals("drop-in", origin("x"));
    assertEquals("manifest", origin("y"), "the manifest goes before");
    assertEquals("manifest", origin("a"));
  }

  @Test
  void aBundleIsAddedReplacedAndTakenAwayWithoutAnyDeployment() {
    use();
    drop("x:1.0");
    assertEquals("prepare x, install x, start x", gateway.calls());
    assertEquals("x running", gateway.statuses());
    assertEquals("drop-in", origin("x"));
    drop("x:2.0");
    assertEquals("prepare x, swap x", gateway.calls());
    assertEquals("2.0", gateway.module("x").version().orElseThrow());
    drop();
    assertEquals("remove x", gateway.calls());
    assertEquals("", gateway.statuses());
    assertEquals("", gateway.history());
  }

  @Test
  void theManifestGoesBeforeWhatWasDroppedIn() {
    use();
    drop("a:5.0", "x:1.0");
    gateway.deploy(of(module("a", "1.0")));
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals("a running, x running", gateway.statuses());
    gateway.deploy(of());
    assertEquals("5.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void deploymentsLeaveItAloneAndItIsSupervisedLikeAnyOther() {
    use();
    drop("x:1.0");
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.runtime.crash("x", "boom");
    gateway.run();
    assertEquals("a running, x backoff", gateway.statuses());
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("stop x, start x", gateway.calls());
  }

  @Test
  void whatCannotBePreparedIsToldAndTriedAgainAndHoldsUpNobody() {
    use();
    gateway.runtime.fail(Step.PREPARE, "x", "it needs com.acme");
    drop("x:1.0");
    assertEquals("x failed", gateway.statuses());
    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code(), "it is no part of that");
    assertEquals("a running, x failed", gateway.statuses());
    gateway.runtime.heal(Step.PREPARE, "x");
    gateway.pass(Duration.ofSeconds(10));
    assertEquals("a running, x running", gateway.statuses());
  }

  @Test
  void itKeepsItsIdentityUntilSomebodyHasLookedIntoTheFolderAfterAStart() {
    use();
    drop("x:1.0");
    DeclaredIdentities registry = new DeclaredIdentities();
    gateway.deploy(of(module("a", "1.0")));
    gateway.crashAndBoot();
    gateway.agent.use(registry);
    gateway.run();
    assertEquals(List.of("a,x"), registry.declared);
    folder.holds();
    use();
    assertEquals("a", registry.declared.get(registry.declared.size() - 1));
  }

  @Test
  void whenNobodyWatchesTheFolderAnyMoreItGoesOn() {
    use();
    drop("x:1.0");
    gateway.agent.lose(folder);
    gateway.run();
    gateway.deploy(of(module("a", "1.0")));
    assertEquals("a running, x running", gateway.statuses());
  }
}
