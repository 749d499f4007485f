package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.twin.Twins;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a manifest desires of a module comes into its twin. */
class ModuleTwinsTest {

  /** Twins that note each patch. */
  private static final class FakeTwins implements Twins {

    private final Map<String, String> desired = new HashMap<>();
    private final List<String> patches = new ArrayList<>();

    @Override
    public CompletionStage<Twin> get(Identity identity) {
      String known = desired.get(identity.id());
      return known == null
          ? CompletableFuture.failedFuture(new RequestException(404, "no " + identity.id()))
          : CompletableFuture.completedFuture(new Twin(known, 1, "{}", 1));
    }

    @Override
    public CompletionStage<Twin> updateDesired(Identity identity, String patch) {
      patches.add(identity.id() + " " + patch);
      return get(identity);
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
  void theManifestReplacesWhatIsDesired() {
    twins.desired.put("gateway/a", "{\"old\":1,\"same\":{\"x\":1,\"y\":2}}");
    use();
    assertEquals(200, gateway.deploy(desiring("{\"threshold\":25,\"same\":{\"x\":1}}")).code());
    assertEquals(1, twins.patches.size());
    assertEquals(
        JsonParser.parseString("{\"threshold\":25,\"old\":null,\"same\":{\"y\":null}}"),
        JsonParser.parseString(twins.patches.get(0).substring("gateway/a ".length())));
  }

  @Test
  void whatIsSoAlreadyIsNotWrittenAgain() {
    twins.desired.put("gateway/a", "{\"threshold\":25}");
    use();
    gateway.deploy(desiring("{\"threshold\":25}"));
    gateway.crashAndBoot();
    use();
    assertEquals(List.of(), twins.patches);
  }

  @Test
  void aModuleWithoutAnEntryKeepsWhatItHas() {
    twins.desired.put("gateway/a", "{\"threshold\":25}");
    use();
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(List.of(), twins.patches);
  }

  @Test
  void aTwinThatCannotBeSetIsToldAndTriedAgain() {
    use();
    List<String> errors = gateway.deploy(desiring("{\"threshold\":25}")).errors();
    assertEquals(1, errors.size());
    assertTrue(errors.get(0).contains("no gateway/a"), errors.get(0));
    assertEquals("a running", gateway.statuses());
    twins.desired.put("gateway/a", "{}");
    gateway.pass(Duration.ofSeconds(10));
    assertEquals(200, gateway.code());
    assertEquals(List.of("gateway/a {\"threshold\":25}"), twins.patches);
  }
}
