package io.gantry.agent.run;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.manifest.RestartPolicy;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.ModuleView;
import io.gantry.agent.restart.ModuleExit;
import io.gantry.agent.restart.RestartDecision;
import io.gantry.agent.restart.RestartHistory;
import io.gantry.agent.restart.RestartRule;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that the agent knows of one module. Used by the agent's executor only.
 *
 * <p>What the framework says ({@link #observe}) is compared with what the last step has left
 * behind; a difference is something the module did by itself. So an event that comes late, twice or
 * never does no harm: it only makes the agent look.
 */
public final class ModuleTrack {

  private final String name;

  // as declared and as found
  private Optional<DeclaredModule> desired = Optional.empty();
  private Optional<InstalledModule> installed = Optional.empty();

  // of what is installed, or about to be
  private Optional<PreparedModule> ready = Optional.empty();
  private boolean placed;
  private RestartHistory history;
  private Trail trail;

  // of the steps
  private Optional<Group> fetching = Optional.empty();
  private Optional<Group> underWay = Optional.empty();
  private Optional<Group> lastDone = Optional.empty();
  private Optional<String> buildFailure = Optional.empty();
  private Optional<String> startFailure = Optional.empty();
  private Pause pause = Pause.NONE;

  // of the report
  private StatusWord lastWord = StatusWord.UNKNOWN;
  private Instant since;

  /**
   * A module of which this is remembered from before the agent was started.
   *
   * @param lastRestart why it was last started again
   */
  public ModuleTrack(
      String name, RestartHistory history, Optional<String> lastRestart, Instant now) {
    this.name = name;
    this.history = history;
    this.trail = lastRestart.map(Trail.NONE::restarted).orElse(Trail.NONE);
    this.since = now;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /**
   * A deployment was made: this is wanted now, and what failed is tried at once.
   *
   * @param prepared what the deployment has prepared for it; empty when the module is to be
   *     prepared by itself
   */
  public void declare(Optional<DeclaredModule> declared, Optional<PreparedModule> prepared) {
    if (!desired.map(DeclaredModule::status).equals(declared.map(DeclaredModule::status))
        && desired.isPresent()) {
      history = history.renewed();
    }
    boolean same = declared.filter(this::isWanted).isPresent();
    ready = prepared.or(() -> same ? ready : Optional.empty());
    desired = declared;
    if (inPlace().isPresent()) {
      forgetBuildFailure();
    }
    retryNow();
  }

  /** What is installed, when it is what is wanted. */
  private Optional<InstalledModule> inPlace() {
    return installed.filter(
        now -> ready.filter(wanted -> ModuleView.isSame(now.prepared(), wanted)).isPresent());
  }

  /** What failed was taken back before it succeeded: nothing is left to be built. */
  private void forgetBuildFailure() {
    trail =
        buildFailure.isPresent() && buildFailure.equals(trail.lastError())
            ? trail.forgiven()
            : trail;
    buildFailure = Optional.empty();
  }

  /** What failed is tried again without waiting. */
  public void retryNow() {
    pause = Pause.NONE;
    lastDone = Optional.empty();
  }

  /** Takes in what the framework says; not while steps are under way, they are not at rest. */
  public void observe(Optional<InstalledModule> found, Instant now) {
    if (underWay.isPresent()) {
      return;
    }
    if (!state(found).equals(state(installed))) {
      lastDone = Optional.empty();
    }
    installed = found;
    if (found.isEmpty()) {
      lost(now);
      return;
    }
    placed = true;
    observeState(found.get(), now);
  }

  /** A module that takes itself away must not keep the agent busy: it comes back after a pause. */
  private void lost(Instant now) {
    history = history.stopped();
    if (placed) {
      placed = false;
      fail("is not in the framework any more, though nobody here has removed it", now);
    }
  }

  private void observeState(InstalledModule module, Instant now) {
    if (module.state() == State.RUNNING) {
      if (hasExited(ModuleExit.UNHEALTHY)) {
        history = history.started(now);
      } else if (history.runningSince().isEmpty()) {
        started(now);
      }
      history = history.at(now);
      if (history.isHealthyAt(now)) {
        history = history.forgiven();
        trail = buildFailure.isEmpty() ? trail.forgiven() : trail;
      }
    } else if (module.state() == State.UNHEALTHY) {
      if (!hasExited(ModuleExit.UNHEALTHY)) {
        exited(new ModuleExit(ModuleExit.UNHEALTHY, now, module.error().orElse("is not healthy")));
      }
    } else if (module.state() == State.STOPPED && history.runningSince().isPresent()) {
      exited(new ModuleExit(ModuleExit.CLEAN, now, "stopped by itself"));
    } else if (module.state() == State.FAILED && !hasExited(ModuleExit.FAILURE)) {
      exited(new ModuleExit(ModuleExit.FAILURE, now, module.error().orElse("failed by itself")));
    }
  }

  private boolean hasExited(int code) {
    return history.exit().filter(exit -> exit.code() == code).isPresent();
  }

  private static Optional<State> state(Optional<InstalledModule> module) {
    return module.map(InstalledModule::state);
  }

  /** What the planner sees. */
  public ModuleView view(Instant now) {
    return new ModuleView(
        name, desired, installed, ready, history.exit().isPresent(), decision(now));
  }

  private RestartDecision decision(Instant now) {
    RestartPolicy policy = desired.map(DeclaredModule::restartPolicy).orElse(RestartPolicy.NEVER);
    return RestartRule.decide(history, policy, now);
  }

  /** Whether a group of this module may begin now. */
  public boolean isFree(Group group, Instant now) {
    if (group.isRestart()) {
      return underWay.isEmpty();
    }
    boolean idle = underWay.isEmpty() || group.isPreparation() && !isChanging();
    return idle && fetching.isEmpty() && pause.isOver(now);
  }

  /** Whether a step is under way that a deployment has to wait for. */
  public boolean isBusy() {
    return underWay.isPresent() || fetching.isPresent() && isOfInterest();
  }

  /** Whether a change is under way. */
  public boolean isChanging() {
    return underWay.filter(Group::isChange).isPresent();
  }

  /** Whether steps on it are under way, other than fetching. */
  public boolean isAtWork() {
    return underWay.isPresent();
  }

  /** Whether it is in the framework. */
  public boolean isPresent() {
    return installed.isPresent();
  }

  /** Whether it is being started again after it ended. */
  public boolean isRestarting() {
    return underWay.filter(Group::isRestart).isPresent();
  }

  /** Whether it was at work when it was last looked at. */
  public boolean runs() {
    return installed.map(InstalledModule::state).filter(ModuleView::isActive).isPresent();
  }

  /** Whether nothing has failed since the deployment or the last success. */
  public boolean isFirstTry() {
    return pause.tries() == 0;
  }

  /** Whether somebody wants it, or something is left of it. */
  public boolean isOfInterest() {
    return desired.isPresent() || installed.isPresent();
  }

  /** Whether it can be forgotten. */
  public boolean isGone() {
    return !isOfInterest() && underWay.isEmpty() && fetching.isEmpty();
  }

  /** When to look at it again though nothing happens. */
  public Optional<Instant> due(Instant now) {
    if (underWay.isPresent()) {
      return Optional.empty();
    }
    Optional<Instant> byPause = pause.until().filter(until -> !pause.isOver(now));
    return Stream.of(byPause, dueByRule(now))
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder());
  }

  private Optional<Instant> dueByRule(Instant now) {
    RestartDecision decision = decision(now);
    if (decision instanceof RestartDecision.Backoff backoff && shallRun()) {
      return Optional.of(backoff.until());
    }
    return decision instanceof RestartDecision.Healthy healthy
        ? healthy.forgetAt()
        : Optional.empty();
  }

  /** Whether it is declared to run. */
  public boolean shallRun() {
    return desired.filter(declared -> declared.status() == DesiredStatus.RUNNING).isPresent();
  }

  /** Begins a group, unless the same change was made just now and has changed nothing. */
  public boolean begin(Group group, Instant now) {
    if (group.isPreparation()) {
      fetching = Optional.of(group);
      return true;
    }
    if (group.isChange() && lastDone.filter(group::equals).isPresent()) {
      fail("is still not as declared after: " + group, now);
      lastDone = Optional.empty();
      return false;
    }
    underWay = Optional.of(group);
    return true;
  }

  /** The group has come to its end, well or not. */
  public void end(Group group, boolean well) {
    if (group.isPreparation()) {
      fetching = Optional.empty();
    } else {
      lastDone = well ? Optional.of(group) : Optional.empty();
      underWay = Optional.empty();
    }
  }

  /** A step other than a start failed; it is tried again after a pause. */
  public void fail(String text, Instant now) {
    buildFailure = Optional.of(text);
    trail = trail.failed(text);
    pause = pause.longer(now);
  }

  /** It could not be started; the restart rule says what follows. */
  public void startFailed(String text, Instant now) {
    startFailure = Optional.of(text);
    exited(new ModuleExit(ModuleExit.FAILURE, now, text));
  }

  private void exited(ModuleExit exit) {
    history = history.exited(exit);
    trail = trail.exited(exit);
  }

  /** It is fetched. */
  public void prepared(DeclaredModule declared, PreparedModule prepared) {
    if (isWanted(declared)) {
      ready = Optional.of(prepared);
    }
    built();
  }

  /**
   * It is installed anew; a replaced one leaves its restarts behind, a returning one has them.
   *
   * @param found what was found in the place of {@code asked}, when the cache had lost that
   */
  public void installed(PreparedModule asked, PreparedModule found) {
    ready = ready.map(wanted -> wanted.equals(asked) ? found : wanted);
    history = installed.isPresent() ? RestartHistory.NONE : history.stopped();
    trail = trail.forgiven();
    startFailure = Optional.empty();
    placed = true;
    built();
  }

  /** A new one has taken over from it. */
  public void swapped(PreparedModule asked, PreparedModule found, Instant now) {
    installed(asked, found);
    started(now);
  }

  private void built() {
    buildFailure = Optional.empty();
    pause = Pause.NONE;
  }

  /** The rule starts it again now. */
  public void restarting(Instant now) {
    trail =
        trail.restarted(history.exit().map(ModuleExit::text).orElse("it was found not running"));
    history = history.restarting(now);
  }

  /** It runs. */
  public void started(Instant now) {
    history = history.started(now);
    trail = trail.started(now);
    startFailure = Optional.empty();
  }

  /** Somebody asked for it to be started again. */
  public void renewed() {
    trail = trail.restarted("somebody asked for it");
  }

  /** It was stopped as the manifest wants it. */
  public void stopped() {
    history = RestartHistory.NONE;
    startFailure = Optional.empty();
    built();
  }

  /** It was removed as the manifest wants it. */
  public void removed() {
    placed = false;
    ready = Optional.empty();
    trail = Trail.NONE;
    stopped();
  }

  /** Whether this is still what is wanted. */
  boolean isWanted(DeclaredModule declared) {
    return desired.filter(declared::isBuiltAs).isPresent();
  }

  /** What the last steps failed with, as sentences. */
  public List<String> failures() {
    return Stream.of(buildFailure, startFailure)
        .flatMap(Optional::stream)
        .map(text -> "module " + name + ": " + text)
        .toList();
  }

  /** Why it could not be started; a sentence. */
  public Optional<String> startFailure() {
    return startFailure.map(text -> "module " + name + ": " + text);
  }

  /** What of them is not about starting it, as sentences. */
  public List<String> buildFailures() {
    return buildFailure.stream().map(text -> "module " + name + ": " + text).toList();
  }

  /** Why it was last started again. */
  public Optional<String> lastRestart() {
    return trail.lastRestart();
  }

  /** Its restarts. */
  public RestartHistory history() {
    return history;
  }

  /** What it was last prepared as; empty when it was not yet. */
  public Optional<PreparedModule> ready() {
    return ready;
  }

  /** How it is declared. */
  public Optional<DeclaredModule> desired() {
    return desired;
  }

  /** As the report needs it. */
  public ModuleStatus status(Instant now) {
    StatusRule rule =
        new StatusRule(
            installed,
            shallRun(),
            fetching.isPresent(),
            buildFailure.isPresent(),
            history,
            decision(now),
            trail);
    if (rule.word() != lastWord) {
      lastWord = rule.word();
      since = now;
    }
    return new ModuleStatus(
        name,
        desired,
        installed.map(InstalledModule::prepared),
        lastWord,
        rule.description(),
        since,
        history,
        trail);
  }
}
