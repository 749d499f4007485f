package io.gantry.agent.loop;

import static io.gantry.agent.Manifests.member;
import static io.gantry.agent.Manifests.module;
import static io.gantry.agent.Manifests.of;
import static io.gantry.agent.Manifests.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.module.FakeModuleRuntime.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {

  private static final DeployResult FIRST = new DeployResult(200, 1, List.of(), List.of());

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  void beforeTheFirstTurnNothingIsKnownAndThenAllIsWellWithNothing() {
    Gateway gateway = new Gateway();
    assertEquals(406, gateway.code());
    gateway.start(Optional.empty());
    assertEquals(200, gateway.code());
    assertEquals("", gateway.statuses());
  }

  @Test
  void aDeploymentBringsHubAndModules() {
    Gateway gateway = Gateway.started();
    assertEquals(FIRST, gateway.deploy(of(module("b", "1.0"), module("a", "1.0"))));
    assertEquals(List.of(Manifests.HUB), gateway.hub.applied);
    assertEquals("a running, b running", gateway.statuses());
    assertEquals("prepare a, prepare b, install a, start a, install b, start b", gateway.calls());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void whoIsAnsweredSeesTheNewState() {
    Gateway gateway = Gateway.started();
    List<String> seen = new ArrayList<>();
    gateway
        .agent
        .deploy(of(module("a", "1.0")))
        .thenRun(() -> seen.add(gateway.statuses() + " " + gateway.code()));
    gateway.run();
    gateway.agent.deploy("{").thenRun(() -> seen.add(gateway.statuses() + " " + gateway.code()));
    gateway.run();
    assertEquals(List.of("a running 200", "a running 400"), seen);
  }

  @Test
  void modulesThatAreThereBeforeAnythingWasDeployedAreLeftAlone() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    Gateway fresh = new Gateway();
    gateway.runtime.modules().forEach(module -> fresh.runtime.install(module.prepared()));
    fresh.runtime.forgetCalls();
    fresh.start(Optional.empty());
    fresh.pass(seconds(120));
    assertEquals("", fresh.calls());
  }

  @Test
  void startupOrderIsTheOrderOfAttemptsAndRemovalsComeBefore() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("old", "1.0")));
    gateway.calls();
    gateway.deploy(
        of(
            module("last", "1.0"),
            module("second", "1.0", "\"startupOrder\":2"),
            module("first", "1.0", "\"startupOrder\":1")));
    String calls = gateway.calls();
    assertEquals(
        "remove old, install first, start first, install second, start second, install last,"
            + " start last",
        calls.substring(calls.indexOf("remove")));
  }

  @Test
  void theSameManifestAgainIsDoneWithoutTouchingAnything() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.store.hold();
    assertEquals(FIRST, gateway.deploy(of(module("a", "1.0")).replace(",", " ,\n ")));
    assertEquals("", gateway.calls());
    assertEquals(1, gateway.hub.applied.size());
    assertEquals(0, gateway.store.held(), "nothing is written either");
  }

  @Test
  void aMalformedManifestIsToldWithLineAndColumnAndTheLastGoodOneIsSupervisedOn() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    DeployResult refused = gateway.deploy("{\n\"modulesContent\":\n{,}}");
    assertEquals(400, refused.code());
    assertEquals(1, refused.version());
    assertTrue(
        refused.errors().get(0).startsWith("manifest, line 3, column 3"), refused.toString());
    assertEquals(400, gateway.code());
    assertEquals(refused.errors().get(0), gateway.description());

    gateway.runtime.crash("a", "boom");
    gateway.run();
    assertEquals("a backoff", gateway.statuses());
    gateway.pass(seconds(10));
    assertEquals("a running", gateway.statuses());
    assertEquals(400, gateway.code(), "the bad manifest is still what was desired last");

    assertEquals(200, gateway.deploy(of(module("a", "1.0"))).code());
    assertEquals(200, gateway.code());
  }

  @Test
  void schemaVersionAndEmptinessHaveTheirCodes() {
    Gateway gateway = Gateway.started();
    assertEquals(412, gateway.deploy(of().replace("\"1.1\"", "\"1.2\"")).code());
    assertEquals(412, gateway.code());
    assertEquals(417, gateway.deploy("{}").code());
    assertEquals(417, gateway.code());
    assertEquals(FIRST, gateway.deploy(of(module("a", "1.0"))));
  }

  @Test
  void oneBadRouteRefusesTheWholeDeploymentAndNothingChanges() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    DeployResult refused =
        gateway.deploy(with("{\"routes\":{\"up\":\"BAD\"}}", module("b", "1.0")));
    assertEquals(new DeployResult(400, 1, List.of(FakeHub.ERROR), List.of()), refused);
    assertEquals("a running", gateway.statuses());
    assertEquals("", gateway.calls());
    assertEquals(1, gateway.hub.applied.size());
    gateway.crashAndBoot();
    assertEquals("a running", gateway.statuses(), "what was refused is not kept either");
  }

  @Test
  void anUnknownImageRefusesTheDeploymentAndNothingIsTouched() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("c", "1.0")));
    gateway.runtime.fail(Step.PREPARE, "a", "no repository has test.a");
    gateway.calls();
    DeployResult result = gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    String error = "module a: preparation failed: no repository has test.a";
    assertEquals(new DeployResult(DeployResult.UNMET, 2, List.of(error), List.of()), result);
    assertEquals("prepare a, prepare b", gateway.calls());
    assertEquals("c running", gateway.statuses());
    assertEquals(500, gateway.code());
    assertEquals(error, gateway.description());
    assertEquals("1 in force, 2 refused", gateway.history());
    gateway.pass(seconds(1000));
    assertEquals("", gateway.calls(), "nobody tries what cannot go well");

    gateway.runtime.heal(Step.PREPARE, "a");
    assertEquals(200, gateway.deploy(of(module("a", "1.0"), module("b", "1.0"))).code());
    assertEquals("a running, b running", gateway.statuses());
    assertEquals("1 replaced, 2 refused, 3 in force", gateway.history());
  }

  @Test
  void whatCannotBeReachedNowIsTriedAgainWithoutEnd() {
    Gateway gateway = Gateway.started();
    gateway.runtime.failForNow(Step.PREPARE, "a", "the repository cannot be reached");
    DeployResult result = gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    String error = "module a: preparation failed: the repository cannot be reached";
    assertEquals(new DeployResult(500, 1, List.of(error), List.of()), result);
    assertEquals("a failed, b unknown", gateway.statuses());
    assertEquals(
        "preparation failed: the repository cannot be reached",
        gateway.module("a").lastError().orElseThrow());
    assertEquals("test.a:1.0", gateway.module("a").image());
    assertEquals(500, gateway.code());
    assertEquals(error, gateway.description());
    assertEquals("1 pending", gateway.history());

    gateway.calls();
    List<Long> tries = new ArrayList<>();
    for (long second = 1; second <= 1300; second++) {
      gateway.pass(seconds(1));
      if (gateway.calls().contains("prepare a")) {
        tries.add(second);
      }
    }
    assertEquals(List.of(10L, 30L, 70L, 150L, 310L, 610L, 910L, 1210L), tries);

    gateway.runtime.heal(Step.PREPARE, "a");
    gateway.pass(seconds(300));
    assertEquals("a running, b running", gateway.statuses());
    assertEquals(200, gateway.code(), "it recovers without a new manifest");
    assertEquals(Optional.empty(), gateway.module("a").lastError());
    assertEquals("1 in force", gateway.history());
  }

  @Test
  void aNewDeploymentTakesThePlaceOfOneThatWaits() {
    Gateway gateway = Gateway.started();
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.deploy(of(module("a", "1.0")));
    gateway.pass(seconds(400));
    gateway.calls();
    assertEquals(200, gateway.deploy(of(module("b", "1.0"))).code());
    assertEquals("prepare b, install b, start b", gateway.calls());
    assertEquals("1 cancelled, 2 in force", gateway.history());
    gateway.pass(seconds(400));
    assertEquals("", gateway.calls());
  }

  @Test
  void theSameManifestAgainTriesAtOnceWhatWasWaiting() {
    Gateway gateway = Gateway.started();
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.deploy(of(module("a", "1.0")));
    gateway.pass(seconds(400));
    gateway.runtime.heal(Step.PREPARE, "a");
    assertEquals(FIRST, gateway.deploy(of(module("a", "1.0"))));
  }

  @Test
  void aFailingActivatorIsStartedAgainWithGrowingWaits() {
    Gateway gateway = Gateway.started();
    gateway.runtime.fail(Step.START, "a", "activator threw");
    DeployResult result = gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    assertEquals(List.of("module a: start failed: activator threw"), result.errors());
    assertEquals(500, result.code());
    assertEquals("a backoff, b running", gateway.statuses());
    gateway.calls();
    List<Long> starts = new ArrayList<>();
    for (long second = 1; second <= 1300; second++) {
      gateway.pass(seconds(1));
      if (gateway.calls().contains("start a")) {
        starts.add(second);
      }
    }
    assertEquals(List.of(10L, 30L, 70L, 150L, 310L, 610L, 910L, 1210L), starts);
    assertEquals(8, gateway.module("a").restarts());
    assertEquals("start failed: activator threw", gateway.module("a").lastError().orElseThrow());

    gateway.runtime.heal(Step.START, "a");
    gateway.pass(seconds(210));
    assertEquals("a running, b running", gateway.statuses());
    assertEquals(200, gateway.code());
    assertEquals(9, gateway.module("a").restarts());
    gateway.pass(seconds(599));
    assertEquals(9, gateway.module("a").restarts());
    gateway.pass(seconds(61));
    assertEquals(0, gateway.module("a").restarts(), "ten minutes of running forgive all");
    assertEquals(Optional.empty(), gateway.module("a").lastError());
  }

  @Test
  void aFailingActivatorUnderNeverStaysFailed() {
    Gateway gateway = Gateway.started();
    gateway.runtime.fail(Step.START, "a", "activator threw");
    gateway.deploy(of(module("a", "1.0", "\"restartPolicy\":\"never\"")));
    gateway.calls();
    gateway.pass(seconds(1000));
    assertEquals("a failed", gateway.statuses());
    assertEquals("", gateway.calls());
  }

  @Test
  void aCleanEndIsRestartedUnderAlwaysOnly() {
    Gateway gateway = Gateway.started();
    gateway.deploy(
        of(
            module("always", "1.0", "\"restartPolicy\":\"always\""),
            module("failure", "1.0", "\"restartPolicy\":\"on-failure\""),
            module("never", "1.0", "\"restartPolicy\":\"never\"")));
    gateway.runtime.exit("always");
    gateway.runtime.exit("failure");
    gateway.runtime.exit("never");
    gateway.run();
    assertEquals("always backoff, failure stopped, never stopped", gateway.statuses());
    gateway.pass(seconds(1000));
    assertEquals("always running, failure stopped, never stopped", gateway.statuses());
    assertEquals(200, gateway.code());
    assertEquals(
        0,
        gateway
            .reported()
            .getAsJsonObject("modules")
            .getAsJsonObject("never")
            .get("exitCode")
            .getAsInt());
  }

  @Test
  void anEndThatNobodyToldIsFoundWithinAMinute() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.stop("a");
    gateway.pass(seconds(60));
    assertEquals("a stopped", gateway.statuses());
  }

  @Test
  void aModuleThatDisappearsIsBroughtBack() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.remove("a");
    gateway.pass(seconds(60));
    assertEquals("a failed", gateway.statuses());
    gateway.pass(seconds(10));
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void anUpdateIsFetchedBeforeTheOldVersionIsTouched() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.runtime.hold(Step.PREPARE, "a");
    CompletableFuture<DeployResult> result = gateway.ask(of(module("a", "2.0")));
    assertEquals("a running", gateway.statuses());
    assertFalse(result.isDone());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals(new DeployResult(200, 2, List.of(), List.of()), result.join());
    assertEquals("prepare a, swap a", gateway.calls());
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void anUpdateThatCannotBeFetchedLeavesTheOldVersionRunning() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.fail(Step.PREPARE, "a", "digest differs");
    DeployResult result = gateway.deploy(of(module("a", "2.0")));
    assertEquals(DeployResult.UNMET, result.code());
    assertEquals(2, result.version());
    assertEquals("a running", gateway.statuses());
    assertEquals("1.0", gateway.module("a").version().orElseThrow());
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(seconds(11));
    assertEquals("a running", gateway.statuses(), "the old version is supervised meanwhile");
    assertEquals(500, gateway.code());
  }

  @Test
  void changesAreHeldBackUntilAllPartsOfTheDeploymentAreThere() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("old", "1.0")));
    gateway.calls();
    gateway.runtime.hold(Step.PREPARE, "b");
    CompletableFuture<DeployResult> result =
        gateway.ask(of(module("a", "1.0"), module("b", "1.0")));
    assertEquals("prepare a, prepare b", gateway.calls());
    assertEquals("a unknown, b downloading, old running", gateway.statuses());
    gateway.runtime.release(Step.PREPARE, "b");
    gateway.run();
    assertEquals("remove old, install a, start a, install b, start b", gateway.calls());
    assertEquals(200, result.join().code());
  }

  @Test
  void supervisionGoesOnWhileADownloadIsPending() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "b");
    CompletableFuture<DeployResult> result =
        gateway.ask(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.crash("a", "boom");
    gateway.run();
    assertEquals("a backoff, b downloading", gateway.statuses());
    gateway.pass(seconds(10));
    assertEquals("a running, b downloading", gateway.statuses());
    assertFalse(result.isDone());
  }

  @Test
  void aStartThatHangsDelaysNoOtherRestart() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.START, "b");
    gateway.ask(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(seconds(10));
    assertTrue(gateway.statuses().startsWith("a running"), gateway.statuses());
  }

  @Test
  void aRetriedDownloadHoldsUpNobody() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("b", "1.0")));
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.pass(seconds(10));
    assertEquals("a downloading, b running", gateway.statuses());
    gateway.runtime.remove("b");
    gateway.pass(seconds(70));
    assertEquals("a downloading, b running", gateway.statuses());
  }

  @Test
  void ofTwoDeploymentsOnTheirWayTheLaterCounts() {
    Gateway gateway = Gateway.started();
    gateway.runtime.hold(Step.PREPARE, "a");
    CompletableFuture<DeployResult> first = gateway.ask(of(module("a", "1.0")));
    CompletableFuture<DeployResult> bad = gateway.ask("{");
    assertEquals(400, bad.join().code());
    assertFalse(first.isDone(), "a bad manifest takes nobody's place");
    CompletableFuture<DeployResult> second = gateway.ask(of(module("b", "1.0")));
    assertEquals(
        new DeployResult(
            DeployResult.UNMET,
            1,
            List.of("deployment 1 was given up: deployment 2 came in its place"),
            List.of()),
        first.join());
    assertEquals(2, second.join().version());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals("b running", gateway.statuses());
    assertEquals("1 cancelled, 2 in force", gateway.history());
  }

  @Test
  void removalTakesTheModuleAndItsRecord() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    assertTrue(gateway.store.table("agent").get("module:a").isPresent());
    gateway.calls();
    assertEquals(200, gateway.deploy(of(module("b", "1.0"))).code());
    assertEquals("remove a", gateway.calls());
    assertEquals("b running", gateway.statuses());
    assertTrue(gateway.store.table("agent").get("module:a").isEmpty());
  }

  @Test
  void aRemovalThatFailsIsTriedAgainAndShownMeanwhile() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0"), module("b", "1.0")));
    gateway.runtime.fail(Step.REMOVE, "a", "stop hangs");
    DeployResult result = gateway.deploy(of(module("b", "2.0")));
    assertEquals(List.of("module a: removal failed: stop hangs"), result.errors());
    assertEquals("2.0", gateway.module("b").version().orElseThrow());
    assertEquals("test.a:1.0", gateway.module("a").image());
    gateway.runtime.heal(Step.REMOVE, "a");
    gateway.pass(seconds(10));
    assertEquals("b running", gateway.statuses());
    assertEquals(200, gateway.code());
  }

  @Test
  void onlyTheStatusStopsAndStartsWithoutInstallingAgain() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.deploy(of(member("a", "test.a:1.0", "stopped")));
    assertEquals("a stopped", gateway.statuses());
    gateway.deploy(of(module("a", "1.0")));
    assertEquals("a running", gateway.statuses());
    assertEquals("stop a, start a", gateway.calls());
  }

  @Test
  void aNewStatusGivesAModuleThatHadEndedANewBeginning() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.exit("a");
    gateway.run();
    gateway.deploy(of(member("a", "test.a:1.0", "stopped")));
    assertEquals("a stopped", gateway.statuses());
    gateway.deploy(of(module("a", "1.0")));
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void aCrashWhileTheModulesOwnUpdateIsFetchedIsRestartedInTime() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.ask(of(module("a", "2.0")));
    gateway.calls();
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(seconds(10));
    assertEquals("stop a, start a", gateway.calls());
    assertEquals("a running", gateway.statuses());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals("2.0", gateway.module("a").version().orElseThrow());
  }

  @Test
  void anObsoleteDownloadThatFailsIsNoFailureOfTheNewDeployment() {
    Gateway gateway = Gateway.started();
    gateway.runtime.failForNow(Step.PREPARE, "a", "no network");
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.hold(Step.PREPARE, "a");
    gateway.pass(seconds(10));
    CompletableFuture<DeployResult> result = gateway.ask(of(module("b", "1.0")));
    assertEquals(200, result.join().code(), "nobody waits for what nobody wants any more");
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals("b running", gateway.statuses());
    assertEquals(200, gateway.code());
  }

  @Test
  void aRestartOfTheProcessBringsBackExactlyWhatRanAndAsksNobody() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(member("a", "test.a:[1.0,2)", "running"), module("b", "1.0")));
    InstalledModule before = gateway.runtime.installed("a");
    gateway.crashAndBoot();
    assertEquals("a running, b running", gateway.statuses());
    assertEquals("install a, start a, install b, start b", gateway.calls());
    assertEquals(before, gateway.runtime.installed("a"));
    assertEquals(List.of(Manifests.HUB, Manifests.HUB), gateway.hub.applied);
    assertEquals(200, gateway.code());
    assertEquals(1, gateway.reported().get("lastDesiredVersion").getAsLong());
    gateway.calls();
    gateway.pass(seconds(300));
    assertEquals("", gateway.calls());
  }

  @Test
  void whatTheCacheHasLostIsFetchedAgainAsItWas() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(member("a", "test.a:[1.0,2)", "running")));
    InstalledModule before = gateway.runtime.installed("a");
    gateway.runtime.lose("a", true);
    gateway.crashAndBoot();
    assertEquals("prepare a, install a, start a", gateway.calls());
    assertEquals(before, gateway.runtime.installed("a"));
  }

  /** As when the runtime itself was updated, and offers other packages than before. */
  @Test
  void whatDoesNotFitTheFrameworkAnyMoreIsPreparedAgainAsItWas() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(member("a", "test.a:[1.0,2)", "running")));
    InstalledModule before = gateway.runtime.installed("a");
    gateway.runtime.outdate(Step.INSTALL, "a");
    gateway.crashAndBoot();
    assertEquals("install a, prepare a, install a, start a", gateway.calls());
    assertEquals(before.prepared().sha256(), gateway.runtime.asked("a").image().digest().get());
    assertEquals(before, gateway.runtime.installed("a"));
  }

  @Test
  void anUpdateThatDoesNotFitTheFrameworkAnyMoreIsPreparedAgainAndTakesOver() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.runtime.outdate(Step.SWAP, "a");
    gateway.deploy(of(module("a", "2.0")));
    assertEquals("prepare a, swap a, prepare a, swap a", gateway.calls());
    assertEquals("2.0", gateway.runtime.installed("a").prepared().version());
  }

  @Test
  void aModuleThatIsNeverToBePulledIsNotEvenWhenTheCacheHasLostIt() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0", "\"imagePullPolicy\":\"never\"")));
    gateway.runtime.lose("a", true);
    gateway.crashAndBoot();
    assertEquals(ModuleSpec.PullPolicy.NEVER, gateway.runtime.asked("a").pull());
  }

  @Test
  void restartsOutliveAPowerCutAndAreForgottenAfterAnOrderlyStop() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    for (int i = 0; i < 3; i++) {
      gateway.runtime.crash("a", "boom");
      gateway.run();
      gateway.pass(seconds(90));
    }
    assertEquals(3, gateway.module("a").restarts());
    gateway.crashAndBoot();
    assertEquals("a running", gateway.statuses(), "a start after a power cut waits for nothing");
    assertEquals(3, gateway.module("a").restarts());
    assertEquals("boom", gateway.reported("a", "lastRestartReason"));
    gateway.stopAndBoot();
    assertEquals("a running", gateway.statuses());
    assertEquals(0, gateway.module("a").restarts());
    assertEquals("", gateway.reported("a", "lastRestartReason"));
  }

  @Test
  void anUpdateBeginsWithACleanRecord() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.pass(seconds(11));
    assertEquals(1, gateway.module("a").restarts());
    assertEquals("boom", gateway.module("a").lastError().orElseThrow());
    gateway.deploy(of(module("a", "1.1")));
    assertEquals(0, gateway.module("a").restarts());
    assertEquals(Optional.empty(), gateway.module("a").lastError());
  }

  @Test
  void aClockThatIsSetBackDoesNotProlongTheWaitByMoreThanAMinute() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.runtime.crash("a", "boom");
    gateway.run();
    gateway.time.set(gateway.time.instant().minusSeconds(1_000_000));
    gateway.pass(seconds(60));
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void stopGoesInReverseOrderAndLeavesUnknown() {
    Gateway gateway = Gateway.started();
    gateway.deploy(
        of(
            module("a", "1.0", "\"startupOrder\":1"),
            module("b", "1.0", "\"startupOrder\":2"),
            module("c", "1.0"),
            member("d", "test.d:1", "stopped")));
    gateway.calls();
    gateway.runtime.fail(Step.STOP, "b", "does not want to");
    gateway.stop();
    assertEquals("stop c, stop b, stop a", gateway.calls());
    assertEquals("a unknown, b unknown, c unknown, d unknown", gateway.statuses());
    assertEquals(406, gateway.code());
    assertEquals("Agent is not running", gateway.description());
    assertEquals(406, gateway.deploy(of()).code());
    gateway.pass(seconds(600));
    assertEquals("", gateway.calls());
  }

  @Test
  void whoWaitsForADeploymentIsAnsweredWhenTheAgentStopsAndItGoesOnAfterwards() {
    Gateway gateway = Gateway.started();
    gateway.runtime.hold(Step.PREPARE, "a");
    CompletableFuture<DeployResult> first = gateway.ask(of(module("a", "1.0")));
    gateway.stop();
    assertEquals(500, first.join().code());
    assertTrue(first.join().accepted());
    assertEquals(406, gateway.ask(of(module("b", "1.0"))).join().code());
    gateway.runtime.release(Step.PREPARE, "a");
    gateway.run();
    assertEquals("prepare a", gateway.calls(), "no step begins after the stop");
    gateway.crashAndBoot();
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void whatIsInstalledWhileTheAgentStopsIsNotStartedAnyMore() {
    Gateway gateway = Gateway.started();
    gateway.runtime.hold(Step.INSTALL, "a");
    gateway.ask(of(module("a", "1.0")));
    gateway.stop();
    gateway.calls();
    gateway.runtime.release(Step.INSTALL, "a");
    gateway.run();
    assertEquals("", gateway.calls());
  }

  @Test
  void anAgentThatIsStartedAgainFindsItsModulesAndLeavesThemRunning() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0"), member("b", "test.b:[1,2)", "running")));
    gateway.calls();
    gateway.restartAgent();
    assertEquals("a running, b running", gateway.statuses());
    gateway.pass(seconds(120));
    assertEquals("", gateway.calls());
  }

  @Test
  void theInitialDeploymentIsUsedOnceAndOnlyWhenNothingWasEverDeployed(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("first.json"), of(module("a", "1.0")));
    Gateway gateway = new Gateway();
    gateway.start(Optional.of(file));
    assertEquals("a running", gateway.statuses());
    gateway.deploy(of(module("b", "1.0")));
    gateway.restartAgent(Optional.of(file));
    assertEquals("b running", gateway.statuses());
  }

  @Test
  void anInitialDeploymentThatIsMissingOrBadLeavesTheAgentReady(@TempDir Path folder)
      throws IOException {
    Gateway gateway = new Gateway();
    gateway.start(Optional.of(folder.resolve("absent.json")));
    assertEquals(200, gateway.code());
    assertEquals(FIRST, gateway.deploy(of(module("a", "1.0"))));

    Gateway other = new Gateway();
    other.start(Optional.of(Files.writeString(folder.resolve("bad.json"), "{")));
    assertEquals(400, other.code());
    assertEquals(FIRST, other.deploy(of(module("a", "1.0"))));
  }

  @Test
  void aHubThatCannotApplyIsToldAndTriedAgainWhileTheModulesRun() {
    Gateway gateway = Gateway.started();
    gateway.hub.failing = true;
    DeployResult result = gateway.deploy(of(module("a", "1.0")));
    assertEquals(500, result.code());
    assertEquals(
        List.of("configuring the hub failed: IllegalStateException: the hub's disk is full"),
        result.errors());
    assertEquals("a running", gateway.statuses());
    gateway.hub.failing = false;
    gateway.pass(seconds(10));
    assertEquals(200, gateway.code());
    assertEquals(1, gateway.hub.applied.size());
  }

  @Test
  void aDeploymentThatCannotBeKeptIsNotUsedBeforeItCan() {
    Gateway gateway = Gateway.started();
    gateway.store.refuse(StoreException.Kind.FULL);
    DeployResult result = gateway.deploy(of(module("a", "1.0")));
    assertEquals(List.of("keeping the deployment failed: refused by the test"), result.errors());
    assertEquals("prepare a", gateway.calls());
    gateway.store.refuse(null);
    gateway.pass(seconds(10));
    assertEquals(200, gateway.code());
    assertEquals("a running", gateway.statuses());
    gateway.crashAndBoot();
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void nothingIsTouchedBeforeTheDeploymentIsDurable() {
    Gateway gateway = Gateway.started();
    gateway.store.hold();
    CompletableFuture<DeployResult> result = gateway.ask(of(module("a", "1.0")));
    assertEquals("prepare a", gateway.calls());
    assertEquals(List.of(), gateway.hub.applied);
    gateway.store.releaseNext();
    gateway.run();
    assertEquals("", gateway.calls());
    assertEquals(List.of(), gateway.hub.applied);
    assertFalse(result.isDone());
    gateway.store.release();
    gateway.run();
    assertEquals(FIRST, result.join());
    assertEquals("a running", gateway.statuses());
  }

  @Test
  void closingStopsAllAndAnswersWhoComesLate() throws InterruptedException {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.calls();
    gateway.closeAgent();
    assertEquals("stop a", gateway.calls());
    assertEquals("a unknown", gateway.statuses());
    assertEquals(
        new DeployResult(406, 1, List.of("the agent does not run; nothing was changed"), List.of()),
        gateway.agent.deploy(of()).toCompletableFuture().join());
    gateway.closeAgent();
  }

  @Test
  void aQuietGatewayTurnsOnceAMinuteAndWritesNothing() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    assertEquals(Optional.of(seconds(60)), gateway.time.untilNext());
    assertEquals(1, gateway.time.waiting());
    gateway.store.hold();
    gateway.pass(seconds(3600));
    assertEquals(0, gateway.store.held());
    assertEquals(1, gateway.time.waiting());
  }

  @Test
  void theTimeOfTheLastChangeOfStatusIsKept() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    Instant started = gateway.time.instant();
    gateway.pass(seconds(100));
    assertEquals(Optional.of(started), gateway.module("a").since());
    gateway.runtime.crash("a", "boom");
    gateway.run();
    assertEquals(Optional.of(started.plusSeconds(100)), gateway.module("a").since());
  }

  /** Whoever has just restarted it, or deployed another version, looks for that. */
  @Test
  void aModuleThatWasRestartedOrReplacedRunsSinceThen() {
    Gateway gateway = Gateway.started();
    gateway.deploy(of(module("a", "1.0")));
    gateway.pass(seconds(100));
    Instant restarted = gateway.time.instant();
    gateway.agent.restart("a");
    gateway.run();
    assertEquals(Optional.of(restarted), gateway.module("a").since());
    gateway.pass(seconds(100));
    Instant replaced = gateway.time.instant();
    gateway.deploy(of(module("a", "2.0")));
    assertEquals(Optional.of(replaced), gateway.module("a").since());
  }

  @Test
  void whatHasNoEffectInTheHubIsToldWithTheResult() {
    Gateway gateway = Gateway.started();
    gateway.hub.warnings = List.of("$edgeHub.routes.up.priority: has no effect yet");
    assertEquals(gateway.hub.warnings, gateway.deploy(of()).warnings());
  }

  @Test
  void warningsComeWithTheResult() {
    Gateway gateway = Gateway.started();
    String manifest =
        of().replace("\"$edgeHub\"", "\"x\":{\"properties.desired\":{\"y\":1}},\"$edgeHub\"");
    assertEquals(
        List.of(
            "modulesContent.x.properties.desired: has no effect, no module of this name is"
                + " declared"),
        gateway.deploy(manifest).warnings());
  }
}
