package io.gantry.agent.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.Planner;
import io.gantry.agent.plan.Step;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModuleTrackTest {

  private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");
  private static final DeclaredModule RUNNING = declared(Manifests.module("a", "1.0"));

  private final ModuleTrack track =
      new ModuleTrack("a", RestartHistory.NONE, Optional.empty(), NOW);

  private static DeclaredModule declared(String member) {
    return ((Deployment) ManifestReader.read(Manifests.of(member))).modules().get("a");
  }

  private static PreparedModule prepared() {
    return new PreparedModule(RUNNING.spec(), "1.0.0", "aa", List.of());
  }

  private void observe(State state, String error) {
    track.observe(
        Optional.of(new InstalledModule("a", prepared(), state, Optional.ofNullable(error))), NOW);
  }

  private void install(State state) {
    track.declare(Optional.of(RUNNING), Optional.empty());
    track.observe(Optional.empty(), NOW);
    track.prepared(RUNNING, prepared());
    track.installed(prepared(), prepared());
    track.started(NOW);
    observe(state, null);
  }

  private String plan() {
    return Planner.plan(List.of(track.view(NOW))).toString();
  }

  private String status() {
    ModuleStatus status = track.status(NOW);
    return status.word().word() + ": " + status.description();
  }

  @Test
  void aChangeThatSucceedsWithoutEffectIsNotRepeatedAtOnce() {
    install(State.RUNNING);
    track.declare(
        Optional.of(declared(Manifests.member("a", "test.a:1.0", "stopped"))), Optional.empty());
    Group stop = new Group("a", 0, List.of(new Step.Stop("a")));
    assertTrue(track.begin(stop, NOW));
    track.stopped();
    track.end(stop, true);
    observe(State.RUNNING, null);
    assertFalse(track.begin(stop, NOW));
    assertEquals(List.of("module a: is still not as declared after: stop a"), track.failures());
    assertFalse(track.isFree(stop, NOW.plusSeconds(9)));
    assertTrue(track.isFree(stop, NOW.plusSeconds(10)) && track.begin(stop, NOW.plusSeconds(10)));
  }

  /** There is no step left that could succeed and so end it. */
  @Test
  void aFailedUpdateThatIsTakenBackLeavesNoFailureBehind() {
    install(State.RUNNING);
    DeclaredModule update = declared(Manifests.module("a", "2.0"));
    track.declare(Optional.of(update), Optional.empty());
    track.fail("preparation failed: not there", NOW);
    assertEquals(
        Optional.of("preparation failed: not there"), track.status(NOW).trail().lastError());
    track.declare(Optional.of(RUNNING), Optional.of(prepared()));
    assertEquals("[]", plan());
    assertEquals(List.of(), track.failures());
    assertEquals(Optional.empty(), track.status(NOW).trail().lastError());
  }

  @Test
  void aModuleThatIsFoundRunningIsRecognised() {
    track.declare(Optional.of(RUNNING), Optional.of(prepared()));
    observe(State.RUNNING, null);
    assertEquals("[]", plan());
  }

  @Test
  void aModuleThatIsFoundOfOtherBytesIsReplaced() {
    PreparedModule other = new PreparedModule(RUNNING.spec(), "1.0.0", "bb", List.of());
    track.declare(Optional.of(RUNNING), Optional.of(other));
    observe(State.RUNNING, null);
    assertEquals("[swap a]", plan());
  }

  @Test
  void anEventThatComesTwiceOrLateCountsOnce() {
    install(State.RUNNING);
    observe(State.FAILED, "boom");
    observe(State.FAILED, "boom");
    assertEquals(0, track.history().restarts());
    assertEquals("backoff: boom; it is started again at " + NOW.plusSeconds(10), status());
    track.restarting(NOW.plusSeconds(10));
    track.started(NOW.plusSeconds(10));
    observe(State.RUNNING, null);
    assertEquals("running: running", status());
    assertEquals(1, track.history().restarts());
  }

  @Test
  void aModuleThatSomebodyElseStartsAgainIsNotRestarted() {
    install(State.RUNNING);
    observe(State.FAILED, "boom");
    observe(State.RUNNING, null);
    assertEquals("[]", plan());
    assertEquals(Optional.empty(), track.due(NOW));
  }

  @Test
  void nothingIsConcludedWhileAStepIsUnderWay() {
    install(State.RUNNING);
    Group restart = new Group("a", 0, List.of(new Step.Restart("a")));
    track.begin(restart, NOW);
    observe(State.STOPPED, null);
    track.end(restart, true);
    observe(State.RUNNING, null);
    assertEquals(Optional.empty(), track.history().exit());
  }

  @Test
  void aHintOfARunningModuleIsShown() {
    install(State.RUNNING);
    observe(State.RUNNING, "waits for a service");
    assertEquals("running: running, waits for a service", status());
  }

  @Test
  void theWordFollowsWhatIsKnown() {
    assertEquals("unknown: not attempted yet", status());
    track.declare(Optional.of(RUNNING), Optional.empty());
    Group prepare = new Group("a", 0, List.of(new Step.Prepare(RUNNING)));
    track.begin(prepare, NOW);
    assertEquals("downloading: being fetched", status());
    track.end(prepare, false);
    track.fail("preparation failed: no network", NOW);
    assertEquals("failed: preparation failed: no network", status());
    install(State.RUNNING);
    track.begin(prepare, NOW);
    assertEquals("running: running, an update is being fetched", status());
    track.end(prepare, true);
    observe(State.STOPPED, null);
    assertEquals("stopped: stopped by itself", status());
  }

  @Test
  void whatIsNotHealthyGetsWellByItselfOrIsStartedAgain() {
    install(State.RUNNING);
    observe(State.UNHEALTHY, "check disk is critical");
    observe(State.UNHEALTHY, "check disk is critical");
    assertEquals(
        "unhealthy: check disk is critical; it is started again at " + NOW.plusSeconds(10),
        status());
    observe(State.RUNNING, null);
    assertEquals("running: running", status());
    assertEquals(Optional.empty(), track.due(NOW));
    observe(State.UNHEALTHY, "check disk is critical");
    assertEquals("[restart a]", Planner.plan(List.of(track.view(NOW.plusSeconds(10)))).toString());
  }

  @Test
  void whatGetsWellByItselfWasNotStartedAndItsErrorIsForgottenInTheEnd() {
    install(State.RUNNING);
    observe(State.UNHEALTHY, "check disk is critical");
    Instant later = NOW.plusSeconds(5);
    track.observe(Optional.of(runs()), later);
    Trail trail = track.status(later).trail();
    assertEquals(Optional.of(NOW), trail.lastStart());
    assertEquals(Optional.of("check disk is critical"), trail.lastError());
    track.observe(Optional.of(runs()), later.plusSeconds(599));
    assertEquals(trail, track.status(later.plusSeconds(599)).trail());
    track.observe(Optional.of(runs()), later.plusSeconds(600));
    assertEquals(Optional.empty(), track.status(later.plusSeconds(600)).trail().lastError());
  }

  /** However well the old one runs meanwhile. */
  @Test
  void anUpdateThatCannotBeHadIsAnErrorUntilItCan() {
    install(State.RUNNING);
    track.declare(Optional.of(declared(Manifests.module("a", "2.0"))), Optional.empty());
    track.fail("preparation failed: not there", NOW);
    track.observe(Optional.of(runs()), NOW.plusSeconds(600));
    assertEquals(
        Optional.of("preparation failed: not there"),
        track.status(NOW.plusSeconds(600)).trail().lastError());
  }

  private static InstalledModule runs() {
    return new InstalledModule("a", prepared(), State.RUNNING, Optional.empty());
  }

  @Test
  void aRestartKeepsItsReason() {
    install(State.RUNNING);
    observe(State.FAILED, "boom");
    track.restarting(NOW.plusSeconds(10));
    track.started(NOW.plusSeconds(10));
    assertEquals(Optional.of("boom"), track.status(NOW).trail().lastRestart());
  }

  @Test
  void aClockSetBackDoesNotKeepRestartsForEver() {
    track.declare(Optional.of(RUNNING), Optional.empty());
    track.restarting(NOW);
    track.started(NOW);
    Instant before = NOW.minusSeconds(1_000_000);
    InstalledModule runs = new InstalledModule("a", prepared(), State.RUNNING, Optional.empty());
    track.observe(Optional.of(runs), before);
    assertEquals(Optional.of(before.plusSeconds(600)), track.due(before));
    track.observe(Optional.of(runs), before.plusSeconds(600));
    assertEquals(0, track.history().restarts());
  }
}
