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

  private record Preparation(DeclaredModule declared, PreparedModule prepared) {}

  private final String name;

  // as declared and as found
  private Optional<DeclaredModule> desired = Optional.empty();
  private Optional<InstalledModule> installed = Optional.empty();

  // of what is installed, or about to be
  private Optional<DeclaredModule> installedAs = Optional.empty();
  private Optional<Preparation> ready = Optional.empty();
  private Optional<Origin> origin;
  private RestartHistory history;
  private Trail trail = Trail.NONE;

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

  /** A module of which this is remembered from before the agent was started. */
  public ModuleTrack(String name, RestartHistory history, Optional<Origin> origin, Instant now) {
    this.name = name;
    this.history = history;
    this.origin = origin;
    this.since = now;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** A deployment was made: this is wanted now, and what failed is tried at once. */
  public void declare(Optional<DeclaredModule> declared) {
    if (!desired.map(DeclaredModule::status).equals(declared.map(DeclaredModule::status))
        && desired.isPresent()) {
      history = history.renewed();
    }
    desired = declared;
    if (installed.isPresent() && installedAs.filter(this::isWanted).isPresent()) {
      forgetBuildFailure();
    }
    retryNow();
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
    if (installedAs.isEmpty()) {
      installedAs = desired.filter(declared -> isMadeFor(declared, found.get().prepared()));
    }
    observeState(found.get(), now);
  }

  /** A module that takes itself away must not keep the agent busy: it comes back after a pause. */
  private void lost(Instant now) {
    history = history.stopped();
    if (installedAs.isPresent()) {
      installedAs = Optional.empty();
      fail("is not in the framework any more, though nobody here has removed it", now);
    }
  }

  private void observeState(InstalledModule module, Instant now) {
    if (module.state() == State.RUNNING) {
      if (history.runningSince().isEmpty()) {
        started(now);
      }
      history = history.at(now);
      if (decision(now) instanceof RestartDecision.Recovered) {
        history = history.forgiven();
        trail = trail.forgiven();
      }
    } else if (module.state() == State.STOPPED && history.runningSince().isPresent()) {
      exited(new ModuleExit(ModuleExit.CLEAN, now, "stopped by itself"));
    } else if (module.state() == State.FAILED && history.exit().isEmpty()) {
      exited(new ModuleExit(ModuleExit.FAILURE, now, module.error().orElse("failed by itself")));
    }
  }

  private static Optional<State> state(Optional<InstalledModule> module) {
    return module.map(InstalledModule::state);
  }

  private boolean isMadeFor(DeclaredModule declared, PreparedModule prepared) {
    return prepared.spec().image().equals(declared.image())
        && origin.map(known -> known.isOf(declared)).orElse(true)
        && prepared.spec().environment().equals(declared.env())
        && prepared.spec().configuration().equals(declared.configuration());
  }

  /** What the planner sees. */
  public ModuleView view(Instant now) {
    return new ModuleView(
        name,
        desired,
        installed,
        installedAs,
        ready.filter(preparation -> isWanted(preparation.declared())).map(Preparation::prepared),
        history.exit().isPresent(),
        decision(now));
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

  /** Whether it is being started again after it ended. */
  public boolean isRestarting() {
    return underWay.filter(Group::isRestart).isPresent();
  }

  /** Whether it ran when it was last looked at. */
  public boolean runs() {
    return installed
        .filter(now -> now.state() == State.RUNNING || now.state() == State.STARTING)
        .isPresent();
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

  private boolean shallRun() {
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
    ready = Optional.of(new Preparation(declared, prepared));
    built();
  }

  /** It is installed anew; a replaced one leaves its restarts behind, a returning one has them. */
  public void installed(DeclaredModule declared) {
    history = installed.isPresent() ? RestartHistory.NONE : history.stopped();
    trail = trail.forgiven();
    startFailure = Optional.empty();
    madeFor(declared);
  }

  /** What runs is right for this declaration too. */
  public void adopted(DeclaredModule declared) {
    madeFor(declared);
  }

  private void madeFor(DeclaredModule declared) {
    installedAs = Optional.of(declared);
    origin = Optional.of(Origin.of(declared));
    ready = Optional.empty();
    built();
  }

  private void built() {
    buildFailure = Optional.empty();
    pause = Pause.NONE;
  }

  /** The rule starts it again now. */
  public void restarting(Instant now) {
    history = history.restarting(now);
  }

  /** It runs. */
  public void started(Instant now) {
    history = history.started(now);
    trail = trail.started(now);
    startFailure = Optional.empty();
  }

  /** It was stopped as the manifest wants it. */
  public void stopped() {
    history = RestartHistory.NONE;
    startFailure = Optional.empty();
    built();
  }

  /** It was removed as the manifest wants it. */
  public void removed() {
    installedAs = Optional.empty();
    origin = Optional.empty();
    trail = Trail.NONE;
    stopped();
  }

  /** Whether this is still what is wanted. */
  boolean isWanted(DeclaredModule declared) {
    return desired.filter(declared::isBuiltAs).isPresent();
  }

  /** Whether it was installed for this declaration before, and only has to come back. */
  boolean returns(DeclaredModule declared) {
    return installed.isEmpty() && origin.filter(known -> known.isOf(declared)).isPresent();
  }

  /** What the last steps failed with, as sentences. */
  public List<String> failures() {
    return Stream.of(buildFailure, startFailure)
        .flatMap(Optional::stream)
        .map(text -> "module " + name + ": " + text)
        .toList();
  }

  /** Its restarts. */
  public RestartHistory history() {
    return history;
  }

  /** The declaration that it was last installed for. */
  public Optional<Origin> origin() {
    return origin;
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
