package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.twin.Twins;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a manifest desires of a module comes into its twin. */
class ModuleTwinsTest {

  /** Twins that note what is asked of them. */
  private static final class FakeTwins implements Twins {

    private final Set<String> known = new HashSet<>();
    private final List<String> asked = new ArrayList<>();
    private boolean hanging;

    @Override
    public CompletionStage<Twin> get(Identity identity) {
      throw new UnsupportedOperationException("what is in them is not the agent's business");
    }

    @Override
    public CompletionStage<Twin> updateDesired(Identity identity, String patch) {
      throw new UnsupportedOperationException("a manifest has no patches");
    }

    @Override
    public CompletionStage<Twin> replaceDesired(Identity identity, String desired) {
      if (hanging) {
        return new CompletableFuture<>();
      }
      if (!known.contains(identity.id())) {
        return CompletableFuture.failedFuture(new RequestException(404, "no " + identity.id()));
      }
      asked.add(identity.id() + " " + desired);
      return CompletableFuture.completedFuture(new Twin(desired, 2, "{}", 1));
    }
  }

  private final FakeTwins twins = new FakeTwins();
  private final Gateway gateway = Gateway.started();

  private static String desiring(String desired) {
    return of(module("a", "1.0"))
        .replace("\"$edgeHub\"", "\"a\":{\"properties.desired\":" + desired + "},\"$edgeHub\"");
  }

  private void use() {
    gateway.agent.ofDevice("gateway");
    gateway.agent.use(new DeclaredIdentities());
    gateway.agent.use(twins);
    gateway.run();
  }

  @Test
  void theManifestReplacesWhatIsDesiredWithEachDeploymentAndEachStart() {
    twins.known.add("gateway/a");
    use();
    assertEquals(200, gateway.deploy(desiring("{\"threshold\":25}")).code());
    assertEquals(List.of("gateway/a {\"threshold\":25}"), twins.asked);
    gateway.crashAndBoot();
    use();
    assertEquals(2, twins.asked.size(), "the twins know whether that is so already");
  }

  @Test
  void aModuleWithoutAnEntryKeepsWhatItHas() {
    twins.known.add("gateway/a");
    use();
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(List.of(), twins.asked);
  }

  @Test
  void aTwinThatCannotBeSetKeepsNoOtherFromIt() {
    twins.known.add("gateway/b");
    use();
    String desired =
        "\"a\":{\"properties.desired\":{\"x\":1}},\"b\":{\"properties.desired\":{\"x\":2}},";
    gateway.deploy(
        of(module("a", "1.0"), module("b", "1.0"))
            .replace("\"$edgeHub\"", desired + "\"$edgeHub\""));
    assertEquals(List.of("gateway/b {\"x\":2}"), twins.asked);
    assertEquals(500, gateway.code());
  }

  @Test
  void whatALaterDeploymentDoesNotDesireIsNeitherTriedAgainNorTold() {
    use();
    assertEquals(500, gateway.deploy(desiring("{\"threshold\":25}")).code());
    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code());
    twins.known.add("gateway/a");
    gateway.pass(Duration.ofMinutes(5));
    assertEquals(List.of(), twins.asked);
    assertEquals(200, gateway.code());
  }

  @Test
  void aTwinThatCannotBeSetIsToldAndTriedAgain() {
    use();
    List<String> errors = gateway.deploy(desiring("{\"threshold\":25}")).errors();
    assertEquals(1, errors.size());
    assertTrue(errors.get(0).contains("no gateway/a"), errors.get(0));
    assertEquals("a running", gateway.statuses());
    twins.known.add("gateway/a");
    gateway.pass(Duration.ofSeconds(10));
    assertEquals(200, gateway.code());
    assertEquals(List.of("gateway/a {\"threshold\":25}"), twins.asked);
  }

  /** A hub that is started again has other ones, and those from before answer nobody any more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheseTwinsHaveNotDoneThoseThatComeAfterThemAreAskedFor(boolean hanging) {
    twins.hanging = hanging;
    use();
    gateway.ask(desiring("{\"threshold\":25}"));
    gateway.pass(Duration.ofMinutes(2));
    assertEquals(500, gateway.code());
    gateway.agent.lose(twins);
    FakeTwins others = new FakeTwins();
    others.known.add("gateway/a");
    gateway.agent.use(others);
    gateway.pass(Duration.ofMinutes(10));
    assertEquals(List.of("gateway/a {\"threshold\":25}"), others.asked);
    assertEquals(200, gateway.code());
  }

  @Test
  void whatTheseTwinsHaveDoneNobodyIsAskedForAgain() {
    twins.known.add("gateway/a");
    use();
    gateway.deploy(desiring("{\"threshold\":25}"));
    FakeTwins others = new FakeTwins();
    gateway.agent.use(others);
    gateway.agent.lose(twins);
    gateway.pass(Duration.ofMinutes(10));
    assertEquals(List.of(), others.asked);
    assertEquals(200, gateway.code());
  }
}
