package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleIdentitiesTest {

  private final DeclaredIdentities registry = new DeclaredIdentities();
  private final Gateway gateway = Gateway.started();

  private void use(DeclaredIdentities found) {
    gateway.agent.use(found);
    gateway.run();
  }

  @Test
  void theModulesOfADeploymentAreDeclaredAndThoseOfTheNextOne() {
    use(registry);
    assertEquals(List.of(""), registry.declared, "nothing was deployed: no module is known");
    gateway.deploy(of(module("b", "1.0"), module("a", "1.0")));
    assertEquals(List.of("", "a,b"), registry.declared);
    gateway.deploy(of(module("c", "1.0")));
    assertEquals("c", registry.declared.get(registry.declared.size() - 1));
    gateway.deploy(of());
    assertEquals("", registry.declared.get(registry.declared.size() - 1));
  }

  @Test
  void theyAreDeclaredAtTheStartOnceThereIsARegistry() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.crashAndBoot();
    use(registry);
    assertEquals(List.of("a"), registry.declared);
    gateway.pass(Duration.ofMinutes(5));
    assertEquals(List.of("a"), registry.declared, "once is enough");
  }

  @Test
  void anotherRegistryIsToldTooAndTheFormerOneNoMore() {
    gateway.deploy(of(module("a", "1.0")));
    use(registry);
    DeclaredIdentities other = new DeclaredIdentities();
    use(other);
    // The framework takes the former one away after it has brought the new one.
    gateway.agent.lose(registry);
    gateway.run();
    gateway.deploy(of(module("b", "1.0")));
    assertEquals(List.of("a"), registry.declared);
    assertEquals("b", other.declared.get(other.declared.size() - 1));
    gateway.agent.lose(other);
    gateway.run();
    gateway.deploy(of(module("c", "1.0")));
    assertEquals("b", other.declared.get(other.declared.size() - 1));
  }

  /** What it sends while it is stopped it sends as itself. */
  @Test
  void aModuleKeepsItsIdentityUntilItIsGone() {
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    use(registry);
    gateway.runtime.hold(Step.REMOVE, "a");
    gateway.ask(of(module("b", "1.0"), module("c", "1.0")));
    assertEquals("a,b,c", registry.declared.get(registry.declared.size() - 1));
    gateway.runtime.release(Step.REMOVE, "a");
    gateway.run();
    assertEquals("b,c", registry.declared.get(registry.declared.size() - 1));
  }

  @Test
  void theSameManifestAgainDeclaresAgain() {
    use(registry);
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(List.of("", "a", "a"), registry.declared);
  }

  @Test
  void aRegistryThatFailsStopsNoDeploymentAndIsAskedAgain() {
    registry.full = true;
    use(registry);
    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code());
    assertEquals("a running", gateway.statuses());
    assertEquals(200, gateway.code());
    assertEquals(List.of("", "a"), registry.declared);
    gateway.pass(Duration.ofSeconds(10));
    assertEquals(List.of("", "a", "a"), registry.declared);
    registry.full = false;
    gateway.pass(Duration.ofMinutes(5));
    assertEquals(List.of("", "a", "a", "a"), registry.declared, "until it has succeeded");
  }

  @Test
  void aRegistryThatDoesNotAnswerHoldsNothingUp() {
    registry.silent = true;
    use(registry);
    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code());
    assertEquals(200, gateway.deploy(of(module("b", "1.0"))).code());
    assertEquals("b running", gateway.statuses());
  }

  @Test
  void aManifestThatIsRefusedDeclaresNothing() {
    use(registry);
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy("{");
    assertEquals(List.of("", "a"), registry.declared);
  }
}
