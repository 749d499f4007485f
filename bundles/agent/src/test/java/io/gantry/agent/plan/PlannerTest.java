package io.gantry.agent.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.Manifests;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {

  private static final RestartDecision HEALTHY = new RestartDecision.Healthy(Optional.empty());

  private static DeclaredModule declared(String member) {
    Deployment deployment = (Deployment) ManifestReader.read(Manifests.of(member));
    return deployment.modules().get(deployment.modules().firstKey());
  }

  private static DeclaredModule running(String name, String... more) {
    return declared(Manifests.module(name, "1.0", more));
  }

  private static DeclaredModule stopped(String name) {
    return declared(Manifests.member(name, "test." + name + ":1.0", "stopped"));
  }

  private static PreparedModule prepared(DeclaredModule module, String sha256) {
    return new PreparedModule(module.spec(), "1.0.0", sha256, List.of());
  }

  /** What is wanted of it is prepared, and leads to what is there. */
  private static ModuleView view(
      DeclaredModule desired, DeclaredModule was, State state, RestartDecision decision) {
    return new ModuleView(
        desired.name(),
        Optional.of(desired),
        Optional.of(
            new InstalledModule(desired.name(), prepared(was, "aa"), state, Optional.empty())),
        Optional.of(prepared(desired, "aa")),
        !(decision instanceof RestartDecision.Healthy),
        decision);
  }

  private static ModuleView absent(DeclaredModule desired) {
    return new ModuleView(
        desired.name(), Optional.of(desired), Optional.empty(), Optional.empty(), false, HEALTHY);
  }

  private static ModuleView ready(ModuleView view, String sha256) {
    return new ModuleView(
        view.name(),
        view.desired(),
        view.installed(),
        Optional.of(prepared(view.desired().orElseThrow(), sha256)),
        view.hasExited(),
        view.decision());
  }

  private static ModuleView orphan(String name) {
    ModuleView view = view(running(name), running(name), State.RUNNING, HEALTHY);
    return new ModuleView(
        name, Optional.empty(), view.installed(), Optional.empty(), false, HEALTHY);
  }

  private static String plan(ModuleView... modules) {
    List<String> groups = new ArrayList<>();
    Planner.plan(Arrays.asList(modules)).forEach(group -> groups.add(group.toString()));
    return String.join("; ", groups);
  }

  @Test
  void whatIsAsDeclaredNeedsNothing() {
    assertEquals("", plan(view(running("a"), running("a"), State.RUNNING, HEALTHY)));
    assertEquals("", plan(view(stopped("a"), stopped("a"), State.STOPPED, HEALTHY)));
    assertEquals("", plan(view(running("a"), running("a"), State.STARTING, HEALTHY)));
  }

  @Test
  void aMissingModuleIsFirstPreparedThenInstalledAndStarted() {
    assertEquals("prepare a", plan(absent(running("a"))));
    assertEquals("install a, start a", plan(ready(absent(running("a")), "aa")));
  }

  @Test
  void aModuleThatShallRestIsInstalledAndNotStarted() {
    assertEquals("install a", plan(ready(absent(stopped("a")), "aa")));
  }

  @Test
  void removalsComeFirstThenAscendingStartupOrder() {
    assertEquals(
        "remove z; prepare m; prepare b; prepare a; prepare c",
        plan(
            absent(running("a")),
            absent(running("b", "\"startupOrder\":7")),
            absent(running("c")),
            absent(running("m", "\"startupOrder\":0")),
            orphan("z")));
  }

  @Test
  void otherBytesTakeOverFromWhatRuns() {
    DeclaredModule a = running("a");
    assertEquals("swap a", plan(ready(view(a, a, State.RUNNING, HEALTHY), "bb")));
    assertEquals("swap a", plan(ready(view(a, a, State.UNHEALTHY, HEALTHY), "bb")));
    assertEquals("install a, start a", plan(ready(view(a, a, State.STOPPED, HEALTHY), "bb")));
    assertEquals("install a", plan(ready(view(stopped("a"), a, State.RUNNING, HEALTHY), "bb")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"env\":{\"A\":{\"value\":\"1\"}}",
        "\"settings\":{\"image\":\"test.a:1.0\",\"createOptions\":{\"configuration\":{\"p\":{\"k\":1}}}}"
      })
  void aChangeOfEnvironmentOrConfigurationTakesOverThoughTheBytesAreTheSame(String change) {
    DeclaredModule changed =
        declared(
            change.startsWith("\"settings\"")
                ? "\"a\":{\"type\":\"bundle\",\"status\":\"running\"," + change + "}"
                : Manifests.module("a", "1.0", change));
    assertEquals("swap a", plan(view(changed, running("a"), State.RUNNING, HEALTHY)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"restartPolicy\":\"never\"",
        "\"startupOrder\":3",
        "\"imagePullPolicy\":\"never\"",
        "\"version\":\"2\"",
        "\"unknown\":3"
      })
  void aChangeThatDoesNotConcernTheBundleLeavesItRunning(String change) {
    assertEquals("", plan(view(running("a", change), running("a"), State.RUNNING, HEALTHY)));
  }

  @Test
  void onlyAChangedStatusStartsOrStops() {
    assertEquals("stop a", plan(view(stopped("a"), running("a"), State.RUNNING, HEALTHY)));
    assertEquals("stop a", plan(view(stopped("a"), running("a"), State.FAILED, HEALTHY)));
    assertEquals("start a", plan(view(running("a"), stopped("a"), State.STOPPED, HEALTHY)));
  }

  @Test
  void theRestartRuleHasTheWordOnWhatEnded() {
    Instant until = Instant.EPOCH;
    DeclaredModule a = running("a");
    assertEquals("", plan(view(a, a, State.FAILED, new RestartDecision.Backoff(until))));
    assertEquals("restart a", plan(view(a, a, State.FAILED, new RestartDecision.Restart())));
    assertEquals("", plan(view(a, a, State.FAILED, new RestartDecision.Failed())));
    assertEquals("", plan(view(a, a, State.STOPPED, new RestartDecision.Finished())));
    assertEquals("", plan(view(a, a, State.RUNNING, new RestartDecision.Recovered())));
  }

  @Test
  void whatIsNotHealthyIsRestartedThoughItRuns() {
    DeclaredModule a = running("a");
    assertEquals("restart a", plan(view(a, a, State.UNHEALTHY, new RestartDecision.Restart())));
    assertEquals("", plan(view(a, a, State.UNHEALTHY, new RestartDecision.Failed())));
  }

  @Test
  void aThousandMissingModulesAreAllPrepared() {
    List<ModuleView> views = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      views.add(absent(running("m" + i)));
    }
    List<Group> groups = Planner.plan(views);
    assertEquals(1000, groups.size());
    assertTrue(groups.stream().allMatch(Group::isPreparation));
  }
}
