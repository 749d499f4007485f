package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static io.gantry.agent.Manifests.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles, configuration and routes move together, forward and back. */
class TransactionTest {

  private static final String OTHER_HUB = "{\"schemaVersion\":\"1.1\",\"routes\":{}}";

  @TempDir private Path folder;

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  /** As {@link Manifests#of}, with a window for the new versions to become well. */
  private static String onTrial(int window, String... modules) {
    return of(modules)
        .replace(
            "\"runtime\"",
            "\"rollback\":\"automatic\",\"rollbackWindowSecs\":" + window + ",\"runtime\"");
  }

  private static Gateway withTwo() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(with(OTHER_HUB, module("a", "2.0"), module("b", "1.0")));
    gateway.calls();
    gateway.hub.applied.clear();
    return gateway;
  }

  @Test
  void undoBringsBackBundlesAndRoutesWithoutAskingARepository() {
    Gateway gateway = withTwo();
    gateway.runtime.fail(Step.PREPARE, "a", "no network");
    assertEquals(new DeployResult(200, 3, List.of(), List.of()), gateway.undo());
    assertEquals("remove b, swap a", gateway.calls());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals(List.of(Manifests.HUB), gateway.hub.applied);
    assertEquals("1 replaced, 2 replaced, 3 in force", gateway.history());
    assertEquals("undo of 2", gateway.agent.history().get(0).origin());
    assertEquals(3, gateway.reported().get("lastDesiredVersion").getAsLong());

    gateway.crashAndBoot();
    assertEquals("a running", gateway.statuses());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals(200, gateway.undo().code(), "and back again");
    assertEquals("a running, b running", gateway.statuses());
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void thereIsNothingToGoBackToInTheBeginning() {
    Gateway gateway = Gateway.started();
    assertEquals(417, gateway.undo().code());
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(
        new DeployResult(417, 1, List.of("there is no deployment to go back to"), List.of()),
        gateway.undo());
  }

  @Test
  void whatRunsAndWhatMayComeBackStaysInTheCache() {
    Gateway gateway = withTwo();
    List<String> kept = new ArrayList<>();
    for (PreparedModule module : gateway.runtime.retained()) {
      kept.add(module.spec().name() + " " + module.version());
    }
    assertEquals(List.of("a 2.0", "b 1.0", "a 1.0"), kept);
  }

  @Test
  void howFarADownloadIsIsToldAtOnce() throws Exception {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.ask(of(module("a", "2.0")));
    AtomicInteger told = new AtomicInteger();
    try (AutoCloseable listening = gateway.agent.listen(told::incrementAndGet)) {
      gateway.runtime.fetched("a", 1_500_000, 3_000_000);
      gateway.run();
      assertEquals(1, told.get());
      assertEquals(
          "running, an update is being fetched, 1.5 of 3.0 MB", gateway.module("a").description());
    }
  }

  @Test
  void whatIsOnItsWayCanBeGivenUp() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    assertFalse(gateway.cancel(), "there is nothing to give up");
    gateway.runtime.hold(Step.PREPARE, "a");
    CompletableFuture<DeployResult> result = gateway.ask(of(module("a", "2.0")));
    assertEquals(
        List.of(
            "deployment 2 is not in force yet; give it up before you go back behind the one that"
                + " is"),
        gateway.undo().errors());
    assertTrue(gateway.cancel());
    assertEquals(
        new DeployResult(
            DeployResult.UNMET,
            2,
            List.of("deployment 2 was given up: somebody gave it up"),
            List.of()),
        result.join());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals("1 in force, 2 cancelled", gateway.history());
    gateway.crashAndBoot();
    assertEquals("1 in force, 2 cancelled", gateway.history());
  }

  /** Also when only the last write, by which it would count, is still under way. */
  @Test
  void whatIsGivenUpAtAnyWriteDoesNotComeBackAtTheNextStart() {
    for (int writes = 0; writes < 3; writes++) {
      Gateway gateway = Gateway.started();
      gateway.deploy(of(module("a", "1.0")));
      begin(gateway, of(module("a", "2.0")), writes);
      assertTrue(gateway.cancel(), "after " + writes + " writes");
      gateway.store.release();
      gateway.run();
      assertEquals("1.0", gateway.module("a").version().orElseThrow());
      gateway.powerCut();
      assertEquals("1 in force, 2 cancelled", gateway.history(), "after " + writes + " writes");
      assertEquals("1.0", gateway.module("a").version().orElseThrow());
    }
  }

  @Test
  void aFirstDeploymentThatIsGivenUpDoesNotComeBackEither() {
    Gateway gateway = Gateway.started();
    begin(gateway, of(module("a", "1.0")), 2);
    assertTrue(gateway.cancel());
    gateway.store.release();
    gateway.powerCut();
    assertEquals("1 cancelled", gateway.history());
    assertEquals("", gateway.statuses());
  }

  @Test
  void whatALaterOneHasTakenThePlaceOfDoesNotComeBackThoughThatIsRefused() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    begin(gateway, of(module("a", "2.0")), 2);
    gateway.runtime.fail(Step.PREPARE, "b", "there is no such bundle");
    gateway.ask(of(module("b", "1.0")));
    gateway.store.release();
    gateway.run();
    gateway.powerCut();
    assertEquals("1 in force, 2 cancelled, 3 refused", gateway.history());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
  }

  /** So many writes of it are durable, and the next one is under way. */
  private static void begin(Gateway gateway, String manifest, int writes) {
    gateway.store.hold();
    gateway.ask(manifest);
    for (int i = 0; i < writes; i++) {
      gateway.store.releaseNext();
      gateway.run();
    }
    assertEquals(1, gateway.store.held());
  }

  /** Beside it, it might be all that fits on a disk that is nearly full. */
  @Test
  void theDecisiveWriteIsBegunWhenAllElseIsDurable() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    begin(gateway, of(module("a", "2.0")), 1);
    assertEquals(1, gateway.store.held(), "what was prepared, alone");
    gateway.store.releaseNext();
    gateway.run();
    assertEquals("1 in force, 2 pending", gateway.history());
    gateway.store.release();
    gateway.run();
    assertEquals("1 replaced, 2 in force", gateway.history());
  }

  @Test
  void whatHangsInForceCanBeGivenUpForTheOneBefore() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.START, "b");
    CompletableFuture<DeployResult> result =
        gateway.ask(of(module("a", "1.0"), module("b", "1.0")));
    assertFalse(result.isDone());
    assertTrue(gateway.cancel());
    assertTrue(result.isDone());
    assertEquals("1 replaced, 2 cancelled, 3 in force", gateway.history());
    gateway.runtime.release(Step.START, "b");
    gateway.run();
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void aHangingStepDoesNotHoldUpTheNextDeployment() {
    Gateway gateway = Gateway.started();
    gateway.runtime.hold(Step.START, "b");
    CompletableFuture<DeployResult> first = gateway.ask(of(module("b", "1.0")));
    CompletableFuture<DeployResult> second = gateway.ask(of(module("c", "1.0")));
    assertEquals(500, first.join().code());
    assertEquals("1 replaced, 2 in force", gateway.history());
    gateway.runtime.release(Step.START, "b");
    gateway.run();
    assertEquals(200, second.join().code());
    assertEquals("c running", gateway.statuses());
  }

  @Test
  void aHubThatDoesNotAnswerIsToldAndHoldsUpNeitherModulesNorTheNextDeployment() {
    Gateway gateway = Gateway.started();
    gateway.hub.hanging = true;
    CompletableFuture<DeployResult> first = gateway.ask(of(module("a", "1.0")));
    gateway.pass(seconds(59));
    assertFalse(first.isDone());
    gateway.pass(seconds(1));
    assertEquals(
        List.of("configuring the hub has not ended within 60 s; it is waited for"),
        first.join().errors());
    assertEquals("a running", gateway.statuses());
    assertEquals(500, gateway.code());
    gateway.hub.hanging = false;
    assertEquals(200, gateway.deploy(with(OTHER_HUB, module("b", "1.0"))).code());
    assertEquals(List.of(OTHER_HUB), gateway.hub.applied);
    assertEquals("b running", gateway.statuses());
  }

  @Test
  void aDeploymentThatHangsInTheHubCanBeGivenUp() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.hub.hanging = true;
    CompletableFuture<DeployResult> hanging = gateway.ask(with(OTHER_HUB, module("a", "2.0")));
    assertFalse(hanging.isDone());
    assertTrue(gateway.cancel());
    assertTrue(hanging.isDone());
    gateway.hub.hanging = false;
    gateway.pass(seconds(60));
    assertEquals("1 replaced, 2 cancelled, 3 in force", gateway.history());
    assertEquals(List.of(Manifests.HUB, Manifests.HUB), gateway.hub.applied);
    assertEquals(200, gateway.code());
  }

  @Test
  void aFailedSwapLeavesTheOldOneAndIsTriedAgain() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.fail(Step.SWAP, "a", "the new one is not healthy");
    DeployResult result = gateway.deploy(of(module("a", "2.0")));
    assertEquals(List.of("module a: update failed: the new one is not healthy"), result.errors());
    assertEquals("a running", gateway.statuses());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    gateway.runtime.heal(Step.SWAP, "a");
    gateway.pass(seconds(10));
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
    assertEquals(200, gateway.code());
  }

  @Test
  void aDeploymentThatIsNotWellInItsWindowGoesBackByItself() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.hub.applied.clear();
    String manifest =
        onTrial(60, module("a", "2.0")).replace("\"timeToLiveSecs\":7200", "\"timeToLiveSecs\":5");
    assertEquals(200, gateway.deploy(manifest).code());
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.runtime.fail(Step.START, "a", "boom again");
    gateway.pass(seconds(59));
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
    gateway.runtime.heal(Step.START, "a");
    gateway.pass(seconds(1));
    assertEquals("a running", gateway.statuses());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals(Manifests.HUB, gateway.hub.applied.get(1));
    assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history());
    assertEquals(500, gateway.code(), "what was desired is not what is");
    assertTrue(
        gateway
            .description()
            .startsWith("deployment 2 was taken back, it was not well within 60 s"),
        gateway.description());
    assertEquals(417, gateway.undo().code(), "nobody goes back to what was taken back");
  }

  /** As when a gateway without a battery hears from a time server what day it is. */
  @ParameterizedTest
  @ValueSource(longs = {-1_000_000, 1_000_000})
  void aClockThatIsSetIsNoVerdictAndDoesNotProlongTheWindowForEver(long jump) {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.sicken("a", "waits for the network");
    gateway.run();
    gateway.runtime.fail(Step.START, "a", "no network");
    gateway.pass(seconds(30));
    gateway.time.set(gateway.time.instant().plusSeconds(jump));
    gateway.pass(seconds(60));
    assertEquals("1 replaced, 2 in force", gateway.history());
    gateway.pass(seconds(60));
    assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history());
  }

  @Test
  void anUpdateThatCannotTakeOverGoesBackAtOnce() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.fail(Step.SWAP, "b", "the new one is not healthy");
    gateway.deploy(onTrial(60, module("a", "2.0"), module("b", "2.0")));
    assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals("1.0", gateway.module("b").version().orElseThrow());
    assertEquals("a running, b running", gateway.statuses());
  }

  @Test
  void aDeploymentThatIsWellInItsWindowStays() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.crash("a", "not there yet");
    gateway.run();
    gateway.pass(seconds(60));
    assertEquals("1 replaced, 2 in force", gateway.history());
    gateway.runtime.crash("a", "later");
    gateway.run();
    gateway.pass(seconds(600));
    assertEquals("1 replaced, 2 in force", gateway.history());
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void aTrialGoesOnAfterAPowerCutAndEndsWhenTheRuntimeKeepsDying() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.powerCut();
    gateway.powerCut();
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
    gateway.powerCut();
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history());
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void aSlowStartAfterAPowerCutIsNoReasonToTakeADeploymentBack() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(5, module("a", "2.0"), module("b", "1.0")));
    gateway.runtime.hold(Step.INSTALL, "a");
    gateway.powerCut();
    gateway.pass(seconds(20));
    gateway.runtime.release(Step.INSTALL, "a");
    gateway.run();
    gateway.pass(seconds(4));
    assertEquals("a running, b running", gateway.statuses());
    gateway.runtime.sicken("b", "check is critical");
    gateway.run();
    assertEquals("1 replaced, 2 in force", gateway.history());
    gateway.runtime.fail(Step.START, "b", "still sick");
    gateway.pass(seconds(1));
    assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history());
  }

  @Test
  void aDeploymentThatWaitsWhileAnotherIsTakenBackGoesOn() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    gateway.runtime.sicken("a", "check is critical");
    gateway.run();
    gateway.runtime.fail(Step.START, "a", "still sick");
    gateway.pass(seconds(60));
    assertEquals(
        "1 replaced, 2 rolled back, 3 cancelled, 4 in force, 5 pending", gateway.history());
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(seconds(300));
    assertEquals("b running", gateway.statuses());
  }

  /** Neither keeps what comes meanwhile the bad one in force, nor comes an older one behind it. */
  @Test
  void whatComesWhileADeploymentIsTakenBackFollowsAndIsTheLast() {
    Gateway gateway = beingTakenBack();
    CompletableFuture<DeployResult> last = gateway.ask(of(module("c", "1.0")));
    assertFalse(last.isDone());
    gateway.store.release();
    gateway.run();
    assertEquals(200, last.join().code());
    assertEquals(
        "1 replaced, 2 rolled back, 3 cancelled, 4 replaced, 5 cancelled, 6 in force",
        gateway.history());
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(seconds(600));
    assertEquals("c running", gateway.statuses());
  }

  @Test
  void aWayBackThatIsGivenUpTakesWithItWhatWaitedForIt() {
    Gateway gateway = beingTakenBack();
    CompletableFuture<DeployResult> last = gateway.ask(of(module("c", "1.0")));
    assertTrue(gateway.cancel());
    gateway.store.release();
    gateway.run();
    assertEquals(200, last.join().code(), "it does not wait for a way back any more");
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(seconds(600));
    assertEquals("c running", gateway.statuses());
    gateway.powerCut();
    gateway.pass(seconds(600));
    assertEquals("c running", gateway.statuses());
  }

  @Test
  void whoWaitsForAWayBackIsToldThatTheAgentIsStopped() {
    Gateway gateway = beingTakenBack();
    CompletableFuture<DeployResult> last = gateway.ask(of(module("c", "1.0")));
    gateway.stop();
    assertEquals(406, last.join().code());
  }

  /** 2 is being taken back, while 3 waits for a repository and the disk for nobody. */
  private static Gateway beingTakenBack() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    gateway.runtime.sicken("a", "check is critical");
    gateway.run();
    gateway.runtime.fail(Step.START, "a", "still sick");
    gateway.pass(seconds(59));
    gateway.store.hold();
    gateway.pass(seconds(1));
    assertTrue(gateway.history().endsWith("3 pending, 4 pending"), gateway.history());
    return gateway;
  }

  /** At every write of every kind of deployment. */
  @Test
  void aCrashAtAnyWriteLeavesTheOldOrTheNewStateAndTheNextDeploymentWorks() {
    List<String> seen = new ArrayList<>();
    for (String kind : List.of("install", "update", "remove", "undo", "rollback")) {
      int writes = 0;
      do {
        seen.add(kind + " " + crashAfter(kind, writes));
        writes++;
      } while (!seen.get(seen.size() - 1).endsWith("all"));
    }
    for (String kind : List.of("install", "update", "remove", "undo", "rollback")) {
      assertTrue(seen.contains(kind + " old"), "the old state was seen: " + seen);
      assertTrue(seen.contains(kind + " new") || seen.contains(kind + " new all"), "" + seen);
    }
  }

  private static String crashAfter(String kind, int writes) {
    Gateway gateway = Gateway.started();
    gateway.deploy(with(OTHER_HUB, module("z", "1.0")));
    gateway.deploy(of(module("a", "1.0")));
    String before = state(gateway);
    gateway.store.hold();
    switch (kind) {
      case "install" -> gateway.ask(with(OTHER_HUB, module("a", "1.0"), module("b", "1.0")));
      case "update" -> gateway.ask(with(OTHER_HUB, module("a", "2.0")));
      case "remove" -> gateway.ask(with(OTHER_HUB));
      case "undo" -> {
        gateway.agent.undo();
        gateway.run();
      }
      default -> {
        gateway.runtime.fail(Step.SWAP, "a", "sick");
        gateway.ask(onTrial(60, module("a", "3.0")));
      }
    }
    int done = 0;
    while (done < writes && gateway.store.held() > 0) {
      gateway.store.releaseNext();
      gateway.run();
      done++;
    }
    boolean all = gateway.store.held() == 0;
    gateway.runtime.heal(Step.SWAP, "a");
    gateway.powerCut();
    gateway.pass(seconds(120));
    String after = state(gateway);
    boolean old = after.equals(before);
    List<String> news =
        List.of(
            "a 1.0 running, b 1.0 running | " + OTHER_HUB,
            "a 2.0 running | " + OTHER_HUB,
            " | " + OTHER_HUB,
            "z 1.0 running | " + OTHER_HUB,
            "a 3.0 running | " + Manifests.HUB);
    assertTrue(old || news.contains(after), kind + " " + writes + ": " + after);
    assertEquals(200, gateway.deploy(of(module("c", "1.0"))).code());
    assertEquals("c 1.0 running | " + Manifests.HUB, state(gateway));
    return (old ? "old" : "new") + (all ? " all" : "");
  }

  private static String state(Gateway gateway) {
    List<String> modules = new ArrayList<>();
    gateway
        .agent
        .modules()
        .forEach(
            module ->
                modules.add(
                    module.name() + " " + module.version().orElse("-") + " " + module.status()));
    return String.join(", ", modules)
        + " | "
        + gateway.hub.applied.get(gateway.hub.applied.size() - 1);
  }

  @Test
  void aCrashAtAnyWriteDoesNotForgetThatADeploymentWasTakenBack() {
    int writes = 0;
    boolean more = true;
    while (more) {
      Gateway gateway = Gateway.started();
      gateway.deploy(of(module("a", "1.0")));
      gateway.store.hold();
      gateway.runtime.fail(Step.SWAP, "a", "sick");
      gateway.ask(onTrial(60, module("a", "2.0")));
      more = releaseAndCut(gateway, writes++);
      gateway.pass(seconds(120));
      if (gateway.agent.history().size() > 2) {
        assertEquals("1 replaced, 2 rolled back, 3 in force", gateway.history(), "" + writes);
        String why = gateway.agent.history().get(1).description();
        assertTrue(why.contains("sick"), why);
        assertEquals(417, gateway.undo().code(), "nobody goes back to what was taken back");
      }
    }
    assertTrue(writes > 8, "there are writes");
  }

  /** False when nothing was left to be released. */
  private static boolean releaseAndCut(Gateway gateway, int writes) {
    int done = 0;
    for (; done < writes && gateway.store.held() > 0; done++) {
      gateway.store.releaseNext();
      gateway.run();
    }
    gateway.powerCut();
    return done == writes;
  }

  @Test
  void aDeploymentThatWaitsWhileAnotherIsTakenBackGoesOnAfterAPowerCut() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    gateway.runtime.sicken("a", "check is critical");
    gateway.run();
    gateway.runtime.fail(Step.START, "a", "still sick");
    gateway.pass(seconds(59));
    gateway.store.hold();
    gateway.pass(seconds(1));
    gateway.store.releaseNext();
    gateway.runtime.heal(Step.START, "a");
    gateway.powerCut();
    assertEquals(
        "1 replaced, 2 rolled back, 3 cancelled, 4 in force, 5 pending", gateway.history());
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(seconds(300));
    assertEquals("b running", gateway.statuses());
  }

  @Test
  void oneThatWaitsDoesNotKeepAnUnstableOneInForce() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    gateway.powerCut();
    gateway.powerCut();
    gateway.powerCut();
    assertEquals(
        "1 replaced, 2 rolled back, 3 cancelled, 4 in force, 5 pending", gateway.history());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
  }

  /** As when another version of the runtime has taken it. */
  @Test
  void whereThereIsNoWayBackWhatWaitsGoesOn() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("b", "1.0")));
    Entry unreadable =
        new Entry(
            1,
            Candidate.DEPLOYED,
            gateway.time.instant(),
            Optional.of("{"),
            new TreeMap<>(),
            Optional.empty(),
            Optional.of(new Entry.Ending(State.REPLACED, gateway.time.instant(), "")));
    String key = "deployment:1";
    gateway.store.table("agent").put(key, gateway.vault.seal(key, EntryJson.write(unreadable)));
    gateway.runtime.fail(Step.START, "a", "sick");
    gateway.powerCut();
    gateway.pass(seconds(300));
    assertEquals("1 replaced, 2 in force, 3 pending", gateway.history());
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.pass(seconds(300));
    assertEquals("b running", gateway.statuses());
  }

  @Test
  void whatWasFetchedForOneThatIsPendingStaysInTheCacheAfterAPowerCut() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.failForNow(Step.PREPARE, "b", "no network");
    gateway.deploy(of(module("a", "2.0"), module("b", "1.0")));
    gateway.runtime.retain(List.of());
    gateway.powerCut();
    assertEquals(List.of(), gateway.runtime.retained(), "nothing was said");
    gateway.runtime.heal(Step.PREPARE, "b");
    gateway.runtime.fail(Step.PREPARE, "b", "there is no such bundle");
    gateway.pass(seconds(300));
    assertEquals("1 in force, 2 refused", gateway.history());
    assertEquals(1, gateway.runtime.retained().size());
  }

  /** Whoever lists repositories asks as the deployment in force, also when nothing is fetched. */
  @Test
  void theLoginsOfTheDeploymentInForceAreKnownAlsoAfterAPowerCut() {
    Gateway gateway = Gateway.started();
    gateway.deploy(withLogin("plant.example", of(module("a", "1.0"))));
    gateway.runtime.fail(Step.PREPARE, "a", "there is no such bundle");
    gateway.deploy(withLogin("other.example", of(module("a", "2.0"))));
    assertEquals(List.of("plant.example"), logins(gateway), "the second was refused");
    gateway.runtime.use(List.of());
    gateway.powerCut();
    assertEquals(List.of("plant.example"), logins(gateway));
  }

  private static String withLogin(String repository, String manifest) {
    return manifest.replace(
        "\"minDockerVersion\":\"v1.25\"",
        "\"registryCredentials\":{\"one\":{\"address\":\""
            + repository
            + "\",\"token\":\"secret\"}}");
  }

  private static List<String> logins(Gateway gateway) {
    return gateway.runtime.logins().stream().map(RepositoryLogin::address).toList();
  }

  @Test
  void aDeploymentThatWasOnItsWayGoesOnAfterACrash() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.deploy(of(module("a", "2.0")));
    gateway.powerCut();
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    assertEquals("1 in force, 2 pending", gateway.history());
    gateway.runtime.heal(Step.PREPARE, "a");
    gateway.pass(seconds(10));
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void nothingIsClaimedWhileTheVeryFirstDeploymentIsOnItsWay() throws IOException {
    Gateway gateway = new Gateway();
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.start(
        Optional.of(Files.writeString(folder.resolve("first.json"), of(module("a", "1")))));
    assertEquals(406, gateway.code());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals(200, gateway.code());
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void theJournalIsBoundedAndForgetsManifestsFirst() {
    Gateway gateway = Gateway.started();
    for (int i = 1; i <= 40; i++) {
      gateway.deploy(
          of(member("a", "test.a:" + i, "running", "\"env\":{\"S\":{\"value\":\"x\"}}")));
    }
    assertEquals(30, gateway.agent.history().size());
    assertEquals(
        31,
        gateway.store.table("agent").keys().stream().filter(k -> !k.contains("module")).count());
    gateway.crashAndBoot();
    assertEquals(30, gateway.agent.history().size());
    assertEquals(41, gateway.undo().version());
  }

  @Test
  void theJournalKeepsOfManyErrorsTheFirst() {
    Gateway gateway = Gateway.started();
    String[] modules = new String[300];
    for (int i = 0; i < modules.length; i++) {
      modules[i] = module("m" + i, "1.0");
      gateway.runtime.fail(Step.PREPARE, "m" + i, "there is no such bundle");
    }
    assertEquals(300, gateway.deploy(of(modules)).errors().size());
    String kept = gateway.agent.history().get(0).description();
    assertTrue(kept.startsWith("module m0: preparation failed: there is no"), kept);
    assertEquals(2003, kept.length());
  }

  @Test
  void aDeploymentSaysWhatItPreparedForEachModule() {
    Gateway gateway = withTwo();
    assertEquals("{a=2.0, b=1.0}", gateway.agent.history().get(0).modules().toString());
  }

  @Test
  void aRestartOnRequestIsMadeAtOnceAndCountsAsNothing() {
    Gateway gateway = withTwo();
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Void> done = gateway.agent.restart("a").toCompletableFuture();
      gateway.run();
      done.join();
      assertEquals("stop a, start a", gateway.calls());
    }
    assertEquals(0, gateway.module("a").restarts());
    CompletableFuture<Void> absent = gateway.agent.restart("x").toCompletableFuture();
    gateway.run();
    assertEquals("there is no module 'x'; there are a, b", refusal(absent));
    CompletableFuture<Void> itself = gateway.agent.restart("edgeHub").toCompletableFuture();
    gateway.run();
    assertEquals(
        "edgeHub is this runtime itself: it is restarted by gantry stop and gantry run",
        refusal(itself));
    gateway.runtime.fail(Step.START, "a", "boom");
    CompletableFuture<Void> failing = gateway.agent.restart("a").toCompletableFuture();
    gateway.run();
    assertTrue(failing.isCompletedExceptionally());
    assertEquals("a backoff, b running", gateway.statuses());
  }

  @Test
  void whoIsToldWhatBecameOfARestartSeesThatTheModuleIsSo() {
    Gateway gateway = withTwo();
    gateway.runtime.fail(Step.START, "a", "boom");
    assertEquals("a backoff, b running", statusesWhenRestarted(gateway));
    gateway.runtime.heal(Step.START, "a");
    assertEquals("a running, b running", statusesWhenRestarted(gateway));
  }

  private static String statusesWhenRestarted(Gateway gateway) {
    CompletableFuture<String> seen =
        gateway
            .agent
            .restart("a")
            .handle((done, failure) -> gateway.statuses())
            .toCompletableFuture();
    gateway.run();
    return seen.join();
  }

  @Test
  void whoWaitsForARestartIsToldWhenTheAgentIsStoppedAmidIt() {
    Gateway gateway = withTwo();
    gateway.runtime.hold(Step.START, "a");
    CompletableFuture<Void> asked = gateway.agent.restart("a").toCompletableFuture();
    gateway.run();
    gateway.stop();
    assertTrue(asked.isDone());
    assertEquals("the agent is stopped", refusal(asked));
  }

  private static String refusal(CompletableFuture<Void> refused) {
    return assertThrows(CompletionException.class, refused::join).getCause().getMessage();
  }

  // ---- what could not be written --------------------------------------------------------------

  @Test
  void whatIsGivenUpOnAFullDiskDoesNotComeBackWhenThereIsRoomAgain() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.ask(of(module("a", "2.0")));
    gateway.store.refuse(StoreException.Kind.FULL);
    assertTrue(gateway.cancel());
    gateway.pass(seconds(120));
    gateway.store.refuse(null);
    gateway.pass(seconds(60));
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.powerCut();
    assertEquals("1 in force, 2 cancelled", gateway.history());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void whatHasStoodItsTrialOnAFullDiskIsNotOnTrialWhenThereIsRoomAgain() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.store.refuse(StoreException.Kind.FULL);
    gateway.pass(seconds(60));
    gateway.store.refuse(null);
    gateway.pass(seconds(60));
    for (int starts = 0; starts < 5; starts++) {
      gateway.powerCut();
    }
    assertEquals("1 replaced, 2 in force", gateway.history());
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  /** What could not be written first must not be written last. */
  @Test
  void whatCouldNotBeWrittenDoesNotTakeBackWhatWasWrittenSince() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.pass(seconds(59));
    gateway.store.refuse(StoreException.Kind.FULL);
    gateway.pass(seconds(1));
    gateway.store.refuse(null);
    gateway.deploy(of(module("a", "3.0")));
    gateway.pass(seconds(120));
    gateway.powerCut();
    assertEquals("1 replaced, 2 replaced, 3 in force", gateway.history());
  }

  /** The last write of all is that of the next one, though the trial has ended behind it. */
  @Test
  void aTrialThatEndsWhileTheNextOneIsWrittenDoesNotTakeThatBack() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.deploy(onTrial(60, module("a", "2.0")));
    gateway.pass(seconds(59));
    begin(gateway, of(module("a", "3.0")), 2);
    gateway.pass(seconds(1));
    gateway.store.release();
    gateway.run();
    assertEquals("1 replaced, 2 replaced, 3 in force", gateway.history());
    gateway.store = gateway.store.afterCrash();
    gateway.store.hold();
    gateway.crashAndBoot();
    assertEquals("1 replaced, 2 replaced, 3 in force", gateway.history());
  }

  @Test
  void whatIsWrittenWhileTheOneBeforeItIsTakenBackIsNotForgottenByAPowerCutAtAnyWrite() {
    int writes = 0;
    boolean more = true;
    while (more) {
      Gateway gateway = Gateway.started();
      gateway.deploy(of(module("a", "1.0")));
      gateway.deploy(onTrial(60, module("a", "2.0")));
      gateway.runtime.sicken("a", "check is critical");
      gateway.run();
      gateway.runtime.fail(Step.START, "a", "still sick");
      gateway.pass(seconds(59));
      begin(gateway, of(module("b", "1.0")), 2);
      gateway.pass(seconds(1));
      for (int i = 0; i < writes && gateway.store.held() > 0; i++) {
        gateway.store.releaseNext();
        gateway.run();
      }
      more = gateway.store.held() > 0;
      gateway.powerCut();
      gateway.pass(seconds(120));
      assertEquals("b running", gateway.statuses(), "after " + writes + " writes");
      writes++;
    }
    assertTrue(writes > 4, "there were " + writes);
  }

  // ---- what throws --------------------------------------------------------------------------

  /** Who asks waits as long as it takes. */
  @Test
  void whoAsksIsAnsweredThoughTheHubEndsInAnError() {
    Gateway gateway = Gateway.started();
    gateway.hub.exhausted = true;
    assertEquals(400, gateway.deploy(of(module("a", "1.0"))).code());
    assertEquals(500, gateway.dryRun(of(module("a", "1.0"))).code());
    assertTrue(gateway.description().contains("too deep"), gateway.description());
    gateway.hub.exhausted = false;
    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code());
  }

  @Test
  void aHubThatThrowsAnErrorIsToldAndTriedAgain() {
    Gateway gateway = Gateway.started();
    gateway.hub.unlinked = true;
    DeployResult result = gateway.deploy(of(module("a", "1.0")));
    assertEquals(List.of("configuring the hub failed: a class of the hub"), result.errors());
    assertEquals("a running", gateway.statuses());
    gateway.hub.unlinked = false;
    gateway.pass(seconds(10));
    assertEquals(200, gateway.code());
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"PREPARE", "INSTALL", "START"})
  void aStepWhoseCallThrowsAnErrorIsToldAndTriedAgainAndHoldsUpNobody(Step step) {
    Gateway gateway = Gateway.started();
    gateway.runtime.breakDown(step, "a");
    DeployResult result = gateway.deploy(of(module("a", "1.0")));
    assertEquals(1, result.errors().size());
    assertTrue(result.errors().get(0).contains("a class of the engine room"), "" + result);
    assertEquals(200, gateway.deploy(of(module("b", "1.0"))).code());
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.heal(step, "a");
    gateway.pass(seconds(60));
    assertEquals("a running, b running", gateway.statuses());
    assertEquals(200, gateway.code());
  }
}
