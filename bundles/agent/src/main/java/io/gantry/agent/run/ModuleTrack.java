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
import io.gantry.spi.module.ModuleSpec;
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
  private Optional<Pin> pin;
  private RestartHistory history;
  private Trail trail = Trail.NONE;

  // of the steps
  private Optional<Group> underWay = Optional.empty();
  private Optional<Group> lastDone = Optional.empty();
  private Optional<String> buildFailure = Optional.empty();
  private Optional<String> startFailure = Optional.empty();
  private Pause pause = Pause.NONE;

  // of the report
  private StatusWord lastWord = StatusWord.UNKNOWN;
  private Instant since;

  /** A module of which this is remembered from before the agent was started. */
  public ModuleTrack(String name, RestartHistory history, Optional<Pin> pin, Instant now) {
    this.name = name;
    this.history = history;
    this.pin = pin;
    this.since = now;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** A deployment was made: this is wanted now, and what failed is tried at once. */
  public void declare(Optional<DeclaredModule> declared) {
    desired = declared;
    retryNow();
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
      installedAs = Optional.empty();
      history = history.stopped();
      return;
    }
    if (installedAs.isEmpty()) {
      installedAs = desired.filter(declared -> isMadeFor(declared, found.get().prepared()));
    }
    observeState(found.get(), now);
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
    boolean image =
        prepared.spec().image().equals(declared.image())
            || pin.filter(known -> known.isFor(declared))
                .filter(known -> known.sha256().equals(prepared.sha256()))
                .isPresent();
    return image
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
  public boolean isFree(Instant now) {
    return underWay.isEmpty() && pause.isOver(now);
  }

  /** Whether steps are under way. */
  public boolean isUnderWay() {
    return underWay.isPresent();
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

  /** Whether nobody wants it and nothing is left of it. */
  public boolean isGone() {
    return desired.isEmpty() && installed.isEmpty() && underWay.isEmpty();
  }

  /** Whether it concerns a deployment: a fetch that nobody wants any more does not. */
  public boolean isOfInterest() {
    return desired.isPresent() || installed.isPresent();
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

  /** Begins a group, unless the same one was done just now and has changed nothing. */
  public boolean begin(Group group, Instant now) {
    if (!group.isRestart() && lastDone.filter(group::equals).isPresent()) {
      fail("was told to " + group + ", reported success, and is still not as declared", now);
      return false;
    }
    underWay = Optional.of(group);
    return true;
  }

  /** The group has come to its end, well or not. */
  public void end(boolean well) {
    lastDone = well ? underWay : Optional.empty();
    underWay = Optional.empty();
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
  public void installed(DeclaredModule declared, PreparedModule prepared) {
    history = installed.isPresent() ? RestartHistory.NONE : history.stopped();
    trail = trail.forgiven();
    startFailure = Optional.empty();
    madeFor(declared, prepared);
  }

  /** What runs is right for this declaration too. */
  public void adopted(DeclaredModule declared) {
    installed.ifPresent(module -> madeFor(declared, module.prepared()));
  }

  private void madeFor(DeclaredModule declared, PreparedModule prepared) {
    installedAs = Optional.of(declared);
    pin = Optional.of(Pin.of(declared, prepared));
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

  /** It was stopped or removed as the manifest wants it. */
  public void stopped() {
    history = RestartHistory.NONE;
    startFailure = Optional.empty();
    built();
  }

  /** Whether this is still what is wanted. */
  boolean isWanted(DeclaredModule declared) {
    return desired.filter(declared::isBuiltAs).isPresent();
  }

  /** How to get what this declaration has led to before; empty when it has not. */
  Optional<ModuleSpec> pinned(DeclaredModule declared) {
    return pin.filter(known -> installed.isEmpty() && known.isFor(declared))
        .map(known -> known.spec(declared));
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

  /** Which bundle it was last made of. */
  public Optional<Pin> pin() {
    return pin;
  }

  /** Whether it is declared. */
  public Optional<DeclaredModule> desired() {
    return desired;
  }

  /** As the report needs it. */
  public ModuleStatus status(Instant now) {
    StatusWord word = installed.isPresent() ? wordOfInstalled(now) : wordOfMissing();
    if (word != lastWord) {
      lastWord = word;
      since = now;
    }
    return new ModuleStatus(
        name,
        desired,
        installed.map(InstalledModule::prepared),
        word,
        description(word, now),
        since,
        history,
        trail);
  }

  private StatusWord wordOfMissing() {
    if (isFetching()) {
      return StatusWord.DOWNLOADING;
    }
    return buildFailure.isPresent() ? StatusWord.FAILED : StatusWord.UNKNOWN;
  }

  private boolean isFetching() {
    return underWay.filter(Group::isPreparation).isPresent();
  }

  private StatusWord wordOfInstalled(Instant now) {
    Optional<State> state = state(installed);
    if (state.filter(State.RUNNING::equals).isPresent()) {
      return StatusWord.RUNNING;
    }
    if (shallRun() && history.exit().isPresent()) {
      RestartDecision decision = decision(now);
      if (decision instanceof RestartDecision.Finished) {
        return StatusWord.STOPPED;
      }
      return decision instanceof RestartDecision.Failed ? StatusWord.FAILED : StatusWord.BACKOFF;
    }
    return state.filter(State.FAILED::equals).isPresent() ? StatusWord.FAILED : StatusWord.STOPPED;
  }

  private String description(StatusWord word, Instant now) {
    String update = isFetching() ? ", an update is being fetched" : "";
    String why = trail.lastError().orElse("failed");
    return switch (word) {
      case UNKNOWN -> "not attempted yet";
      case DOWNLOADING -> "being fetched";
      case RUNNING -> "running" + update;
      case STOPPED -> history.exit().map(ModuleExit::text).orElse("stopped") + update;
      case FAILED -> why + update;
      case BACKOFF -> why + backoff(now) + update;
    };
  }

  private String backoff(Instant now) {
    return decision(now) instanceof RestartDecision.Backoff backoff
        ? "; it is started again at " + backoff.until()
        : "; it is started again now";
  }
}
