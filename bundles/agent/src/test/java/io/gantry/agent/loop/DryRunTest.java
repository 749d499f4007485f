package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static io.gantry.agent.Manifests.with;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.DryRun.Change;
import io.gantry.spi.deployment.DryRun.RouteChange;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A dry run says what a deployment then does, and does nothing. */
class DryRunTest {

  private final Gateway gateway = Gateway.started();

  private static List<String> changes(DryRun dryRun) {
    return dryRun.modules().stream()
        .map(module -> module.change().name().toLowerCase(Locale.ROOT) + " " + module.name())
        .toList();
  }

  @Test
  void itSaysWhatBecomesOfEachModuleInTheOrderOfExecution() {
    gateway.deploy(
        of(
            module("same", "1.0"),
            module("gone", "1.0"),
            module("updated", "1.0"),
            module("owner", "1.0"),
            module("rested", "1.0")));
    gateway.calls();
    DryRun dryRun =
        gateway.dryRun(
            of(
                module("same", "1.0"),
                module("updated", "2.0", "\"env\":{\"A\":{\"value\":\"secret\"}}"),
                "\"owner\":{\"type\":\"bundle\",\"status\":\"running\",\"settings\":{\"image\":"
                    + "\"test.owner:2.0\",\"createOptions\":{\"exclusive\":true}}}",
                member("rested", "test.rested:1.0", "stopped"),
                module("new", "1.0", "\"startupOrder\":3")));
    assertEquals(200, dryRun.code());
    assertEquals(
        List.of(
            "remove gone", "add new", "replace owner", "stop rested", "none same", "swap updated"),
        changes(dryRun));
    DryRun.ModuleChange updated = dryRun.modules().get(5);
    assertEquals(Optional.of("1.0"), updated.from());
    assertEquals(Optional.of("2.0"), updated.to());
    assertEquals(
        List.of("version 1.0 becomes 2.0", "its environment changes: A"), updated.reasons());
    assertEquals(
        List.of("version 1.0 becomes 2.0", "it is exclusive"), dryRun.modules().get(2).reasons());
    assertEquals("", gateway.calls());
    assertEquals("1 in force", gateway.history());
  }

  @Test
  void itSaysWhichRoutesAndSettingsChange() {
    gateway.deploy(
        with(
            "{\"routes\":{\"up\":\"FROM /a INTO $upstream\",\"old\":\"FROM /b INTO $upstream\"}}"));
    DryRun dryRun =
        gateway.dryRun(
            with(
                "{\"routes\":{\"up\":\"FROM /c INTO $upstream\",\"new\":{\"route\":\"FROM /d INTO"
                    + " $upstream\"}},\"storeAndForwardConfiguration\":{\"timeToLiveSecs\":1}}"));
    assertEquals(
        List.of(
            new RouteChange(
                "new", Optional.empty(), Optional.of("{\"route\":\"FROM /d INTO $upstream\"}")),
            new RouteChange("old", Optional.of("FROM /b INTO $upstream"), Optional.empty()),
            new RouteChange(
                "up",
                Optional.of("FROM /a INTO $upstream"),
                Optional.of("FROM /c INTO $upstream"))),
        dryRun.routes());
    assertEquals(
        List.of("$edgeHub.storeAndForwardConfiguration: none -> {\"timeToLiveSecs\":1}"),
        dryRun.settings());
  }

  /** What a deployment does when it is not well is no detail. */
  @Test
  void itSaysThatTheRollbackChanges() {
    String off = of(module("a", "1.0"));
    String automatic =
        off.replaceFirst(
            "\"runtime\"", "\"rollback\":\"automatic\",\"rollbackWindowSecs\":9,\"runtime\"");
    gateway.deploy(off);
    assertEquals(
        List.of("$edgeAgent.rollback: off -> automatic, 9 s"),
        gateway.dryRun(automatic).settings());
    gateway.deploy(automatic);
    assertEquals(List.of(), gateway.dryRun(automatic).settings());
    assertEquals(
        List.of("$edgeAgent.rollback: automatic, 9 s -> off"), gateway.dryRun(off).settings());
  }

  @Test
  void itSaysWhatCannotBeMetAndWhyAManifestWouldBeRefused() {
    gateway.runtime.fail(
        Step.PREPARE, "a", "module a: nobody has test.a, not https://me:pw@repo/index.xml either");
    DryRun dryRun = gateway.dryRun(of(module("a", "1.0"), module("b", "1.0")));
    assertEquals(DeployResult.UNMET, dryRun.code());
    assertEquals(
        List.of("module a: nobody has test.a, not https://***@repo/index.xml either"),
        dryRun.errors());
    assertEquals(List.of("add b"), changes(dryRun));
    assertEquals(400, gateway.dryRun("{").code());
    assertEquals(
        List.of(FakeHub.ERROR), gateway.dryRun(with("{\"routes\":{\"up\":\"BAD\"}}")).errors());
    assertEquals(412, gateway.dryRun(of().replace("\"1.1\"", "\"3.0\"")).code());
  }

  /** Else whoever asked would wait for ever. */
  @Test
  void whatGoesWrongWithTheDryRunItselfIsAnAnswer() {
    gateway.runtime.isBlind(true);
    DryRun dryRun = gateway.dryRun(of(module("a", "1.0")));
    assertEquals(500, dryRun.code());
    assertEquals(
        List.of("the dry run itself failed: IllegalStateException: the test says so"),
        dryRun.errors());
    gateway.runtime.isBlind(false);
    gateway.hub.broken = true;
    assertEquals(500, gateway.dryRun(of(module("a", "1.0"))).code());
  }

  /** Whoever uses what stops or goes notices, unless it changes itself. */
  @Test
  void itSaysWhoNoticesWhatIsStoppedOrTakenAway() {
    gateway.deploy(of(module("gone", "1.0"), module("rested", "1.0"), module("user", "1.0")));
    gateway.runtime.uses("user", "gone");
    gateway.runtime.uses("user", "rested");
    gateway.runtime.uses("rested", "gone");
    DryRun dryRun =
        gateway.dryRun(of(member("rested", "test.rested:1.0", "stopped"), module("user", "1.0")));
    assertEquals(
        List.of("remove gone: REBOUND user", "stop rested: REBOUND user", "none user: "),
        dryRun.modules().stream().map(DryRunTest::disturbances).toList());
  }

  /** What comes may be wanted by somebody who had another one, or none. */
  @Test
  void itSaysWhoNoticesWhatIsStarted() {
    gateway.deploy(of(member("rested", "test.rested:1.0", "stopped"), module("user", "1.0")));
    gateway.runtime.uses("user", "rested");
    DryRun dryRun = gateway.dryRun(of(module("rested", "1.0"), module("user", "1.0")));
    assertEquals(
        List.of("start rested: REBOUND user", "none user: "),
        dryRun.modules().stream().map(DryRunTest::disturbances).toList());
  }

  private static String disturbances(DryRun.ModuleChange module) {
    return module.change().name().toLowerCase(Locale.ROOT)
        + " "
        + module.name()
        + ": "
        + module.disturbances().stream()
            .map(one -> one.effect() + " " + one.module())
            .collect(Collectors.joining(", "));
  }

  /** The deployment takes what it has, and so does the dry run. */
  @Test
  void whatWasPreparedBeforeIsNotLookedUpAgain() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.fail(Step.PREPARE, "a", "nobody has test.a any more");
    String other = of(module("a", "1.0", "\"env\":{\"A\":{\"value\":\"1\"}}"));
    DryRun dryRun = gateway.dryRun(other);
    assertEquals(List.of(), dryRun.errors());
    assertEquals(List.of("swap a"), changes(dryRun));
    assertEquals(200, gateway.deploy(other).code());
  }

  /** Each of them could be installed, but not the two. */
  @Test
  void ofASingletonThereCannotBeTwo() {
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.runtime.isSingleton("test.b");
    String both =
        of(
            module("a", "1.0"),
            member("b", "test.b:1.0", "running"),
            member("c", "test.b:1.1", "running"));
    List<String> why =
        List.of(
            "bundle test.b is a singleton, of which there can be one; but these are asked for:"
                + " 1.0 for module b, 1.1 for module c");
    DryRun dryRun = gateway.dryRun(both);
    assertEquals(DeployResult.UNMET, dryRun.code());
    assertEquals(why, dryRun.errors());
    DeployResult result = gateway.deploy(both);
    assertEquals(DeployResult.UNMET, result.code());
    assertEquals(why, result.errors());
    assertEquals("prepare b, prepare c", gateway.calls());
    assertEquals(200, gateway.deploy(of(member("b", "test.b:1.0", "running"))).code());
    assertEquals(200, gateway.deploy(of(member("b", "test.b:1.1", "running"))).code());
  }

  /**
   * The steps of the deployment are those that were foretold, whatever is changed into whatever.
   */
  @Test
  void twoHundredDeploymentsDoWhatWasForetold() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      String manifest = of(randomModules(random));
      DryRun dryRun = gateway.dryRun(manifest);
      gateway.calls();
      String before = gateway.statuses();
      assertEquals(200, gateway.deploy(manifest).code(), manifest);
      assertEquals(
          foretold(dryRun), done(gateway.calls(), before), "round " + round + ": " + manifest);
    }
  }

  private static String[] randomModules(Random random) {
    List<String> members = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      int dice = random.nextInt(8);
      if (dice < 6) {
        String exclusive = random.nextInt(4) == 0 ? ",\"createOptions\":{\"exclusive\":true}" : "";
        members.add(
            "\""
                + name
                + "\":{\"type\":\"bundle\",\"status\":\""
                + (dice < 5 ? "running" : "stopped")
                + "\",\"settings\":{\"image\":\"test."
                + name
                + ":1."
                + random.nextInt(3)
                + "\""
                + exclusive
                + "},\"env\":{\"E\":{\"value\":\""
                + random.nextInt(2)
                + "\"}},\"startupOrder\":"
                + random.nextInt(3)
                + "}");
      }
    }
    return members.toArray(String[]::new);
  }

  private static TreeSet<String> foretold(DryRun dryRun) {
    TreeSet<String> steps = new TreeSet<>();
    for (DryRun.ModuleChange module : dryRun.modules()) {
      if (module.change() != Change.NONE && module.change() != Change.ADOPT) {
        String verb =
            switch (module.change()) {
              case ADD -> "install ";
              case SWAP, REPLACE -> "other ";
              default -> module.change().name().toLowerCase(Locale.ROOT) + " ";
            };
        steps.add(verb + module.name());
      }
    }
    return steps;
  }

  /** A swap, or an installation in the place of another, is another version; a start follows. */
  private static TreeSet<String> done(String calls, String before) {
    TreeSet<String> steps = new TreeSet<>();
    for (String call : calls.split(", ")) {
      String name = call.substring(call.indexOf(' ') + 1);
      boolean starts = call.startsWith("start ");
      if (call.startsWith("swap ") || call.startsWith("install ") && before.contains(name + " ")) {
        steps.add("other " + name);
      } else if (!call.startsWith("prepare ")
          && !call.isEmpty()
          && !(starts && (steps.contains("other " + name) || steps.contains("install " + name)))) {
        steps.add(call);
      }
    }
    return steps;
  }
}
