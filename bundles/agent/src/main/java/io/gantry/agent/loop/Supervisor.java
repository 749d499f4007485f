package io.gantry.agent.loop;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.Planner;
import io.gantry.agent.plan.Step;
import io.gantry.agent.run.GroupRunner;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.ModuleTrack;
import io.gantry.agent.run.StatusWord;
import io.gantry.api.module.RequestException;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the modules equal to what is declared, one turn at a time: look, plan, begin what may
 * begin. Used by the agent's executor only.
 *
 * <p>What may begin: restarts of modules that ended, always; fetching, once the deployment is in
 * force; and changes one after another in the plan's order. So a slow download delays no restart,
 * and one failing module stops no other.
 */
final class Supervisor {

  private final ModuleRuntime runtime;
  private final GroupRunner runner;
  private final Memory memory;
  private final Runnable again;
  private final SortedMap<String, ModuleTrack> tracks = new TreeMap<>();

  private boolean forgiving;
  private SortedMap<String, DeclaredModule> declared = new TreeMap<>();
  private boolean declaredOnce;
  private final Map<String, CompletableFuture<Void>> renewals = new HashMap<>();

  // of renewals, be they begun or not
  private final Set<CompletableFuture<Void>> unanswered = new HashSet<>();
  private Optional<String> blindness = Optional.empty();

  /**
   * Over the modules of a runtime.
   *
   * @param again runs the next turn, after a group has ended
   */
  Supervisor(ModuleRuntime runtime, GroupRunner runner, Memory memory, Runnable again) {
    this.runtime = runtime;
    this.runner = runner;
    this.memory = memory;
    this.again = again;
  }

  /** The last stop was in order: no restart from before counts. */
  void forgive() {
    forgiving = true;
  }

  /**
   * This shall be from now on.
   *
   * @param modules by name
   * @param prepared what was prepared for them, by name; others are prepared one by one
   * @param logins who we are for repositories
   */
  void declare(
      SortedMap<String, DeclaredModule> modules,
      Map<String, PreparedModule> prepared,
      List<RepositoryLogin> logins,
      Instant now) {
    declared = modules;
    declaredOnce = true;
    runner.use(logins);
    modules.keySet().forEach(name -> track(name, now));
    tracks.forEach(
        (name, track) ->
            track.declare(
                Optional.ofNullable(modules.get(name)), Optional.ofNullable(prepared.get(name))));
    memory.forgetOthers(tracks.keySet());
  }

  /** A module is stopped and started again as soon as no other step on it is under way. */
  CompletionStage<Void> renew(String name) {
    DeclaredModule module = declared.get(name);
    if (module == null) {
      return CompletableFuture.failedFuture(new RequestException(404, unknown(name)));
    }
    if (module.status() != DesiredStatus.RUNNING) {
      return CompletableFuture.failedFuture(
          new RequestException(409, "module " + name + " is declared as stopped"));
    }
    CompletableFuture<Void> asked =
        renewals.computeIfAbsent(name, absent -> new CompletableFuture<>());
    unanswered.add(asked);
    asked.whenComplete((done, failure) -> unanswered.remove(asked));
    return asked;
  }

  private String unknown(String name) {
    if (name.equalsIgnoreCase("edgeAgent") || name.equalsIgnoreCase("edgeHub")) {
      return name + " is this runtime itself: it is restarted by gantry stop and gantry run";
    }
    return "there is no module '"
        + name
        + "'; "
        + (declared.isEmpty()
            ? "there are none"
            : "there are " + String.join(", ", declared.keySet()));
  }

  private void beginRenewals(Instant now) {
    for (String name : List.copyOf(renewals.keySet())) {
      ModuleTrack track = track(name, now);
      if (!track.isPresent()) {
        renewals
            .remove(name)
            .completeExceptionally(
                new RequestException(404, "module " + name + " is not installed"));
      } else if (!track.isAtWork()) {
        CompletableFuture<Void> asked = renewals.remove(name);
        Group group = new Group(name, 0, List.of(new Step.Renew(name)));
        track.begin(group, now);
        run(
            group,
            track,
            () -> {
              Optional<String> failure = track.startFailure();
              // Before whoever waits is told: they may look at once.
              again.run();
              answer(asked, failure);
            });
      }
    }
  }

  private static void answer(CompletableFuture<Void> asked, Optional<String> failure) {
    failure.ifPresentOrElse(
        text -> asked.completeExceptionally(new RequestException(500, text)),
        () -> asked.complete(null));
  }

  /** What failed is tried again without waiting. */
  void retryNow() {
    tracks.values().forEach(ModuleTrack::retryNow);
  }

  /**
   * One turn.
   *
   * @param open whether more than supervision may be done
   * @return whether each step has been attempted
   */
  boolean turn(boolean open, Instant now) {
    if (!declaredOnce || !look(now)) {
      return true;
    }
    List<Group> plan = plan(now);
    if (open) {
      beginAll(plan, Group::isPreparation, now);
      beginChange(plan, now);
    }
    beginAll(plan, Group::isRestart, now);
    beginRenewals(now);
    keepRecords();
    return open && tracks.values().stream().noneMatch(ModuleTrack::isBusy);
  }

  private boolean look(Instant now) {
    Map<String, InstalledModule> found = new HashMap<>();
    try {
      runtime.modules().forEach(module -> found.put(module.name(), module));
      blindness = Optional.empty();
    } catch (RuntimeException e) {
      blindness = Optional.of("the modules cannot be listed: " + e + "; it is tried again");
      return false;
    }
    found.keySet().forEach(name -> track(name, now));
    tracks
        .values()
        .forEach(track -> track.observe(Optional.ofNullable(found.get(track.name())), now));
    return true;
  }

  private ModuleTrack track(String name, Instant now) {
    return tracks.computeIfAbsent(
        name,
        absent -> {
          Memory.Past known = forgiving ? Memory.Past.NONE : memory.recall(name);
          return new ModuleTrack(name, known.history(), known.lastRestart(), now);
        });
  }

  private List<Group> plan(Instant now) {
    return Planner.plan(tracks.values().stream().map(track -> track.view(now)).toList());
  }

  private void beginAll(List<Group> plan, Predicate<Group> kind, Instant now) {
    for (Group group : plan) {
      ModuleTrack track = track(group.module(), now);
      if (kind.test(group) && track.isFree(group, now)) {
        begin(group, track, now);
      }
    }
  }

  /** Begins the first change that is not waiting after a failure, if nothing forbids it. */
  private void beginChange(List<Group> plan, Instant now) {
    if (tracks.values().stream().anyMatch(ModuleTrack::isChanging)) {
      return;
    }
    for (Group group : plan) {
      ModuleTrack track = track(group.module(), now);
      if (group.isChange()
          && (track.isRestarting() || track.isFree(group, now) && begin(group, track, now))) {
        return;
      }
    }
  }

  private boolean begin(Group group, ModuleTrack track, Instant now) {
    if (track.begin(group, now)) {
      run(group, track, again);
      return true;
    }
    return false;
  }

  private void run(Group group, ModuleTrack track, Runnable then) {
    runner.run(group, track, then);
    if (group.isRestart()) {
      track.lastRestart().ifPresent(reason -> AgentLog.startedAgain(track.name(), reason));
    }
  }

  private void keepRecords() {
    List<ModuleTrack> gone = tracks.values().stream().filter(ModuleTrack::isGone).toList();
    gone.forEach(track -> memory.forget(track.name()));
    gone.forEach(track -> tracks.remove(track.name()));
    tracks.values().forEach(memory::remember);
  }

  /** What fails now but for these modules, as sentences. */
  List<String> failures(Set<String> others) {
    List<String> failures = new ArrayList<>();
    blindness.ifPresent(failures::add);
    ofInterest()
        .filter(track -> !others.contains(track.name()))
        .forEach(track -> failures.addAll(track.failures()));
    return failures;
  }

  /** The modules, declared and present, by name. */
  List<ModuleStatus> statuses(Instant now) {
    return ofInterest().map(track -> track.status(now)).toList();
  }

  /** Of modules that shall run, what keeps them from being well; sentences. */
  List<String> ailments(Set<String> of, Instant now) {
    List<String> ailments = new ArrayList<>();
    for (ModuleTrack track : tracks.values()) {
      ModuleStatus status = track.status(now);
      if (of.contains(track.name()) && track.shallRun() && status.word() != StatusWord.RUNNING) {
        ailments.add(
            "module " + track.name() + " is " + status.word().word() + ": " + status.description());
      } else if (of.contains(track.name())) {
        ailments.addAll(track.failures());
      }
    }
    return ailments;
  }

  /** What has failed while something was put in place; sentences. */
  List<String> misplacements(Set<String> of) {
    return tracks.values().stream()
        .filter(track -> of.contains(track.name()))
        .flatMap(track -> track.buildFailures().stream())
        .toList();
  }

  /** What is there now, or is to be, by name. */
  SortedMap<String, InstalledModule> installed() {
    SortedMap<String, InstalledModule> installed = new TreeMap<>();
    runtime.modules().forEach(module -> installed.put(module.name(), module));
    return installed;
  }

  /** What has been prepared for a module that is declared. */
  Optional<PreparedModule> ready(String name) {
    return Optional.ofNullable(tracks.get(name)).flatMap(ModuleTrack::ready);
  }

  /** Nobody is told of a renewal any more, since nobody will go on. */
  void stop() {
    renewals.clear();
    RequestException stopped = new RequestException(503, "the agent is stopped");
    List.copyOf(unanswered).forEach(asked -> asked.completeExceptionally(stopped));
  }

  /** The names of the modules, of those that are declared and of those that are still there. */
  Set<String> names() {
    return ofInterest().map(ModuleTrack::name).collect(Collectors.toUnmodifiableSet());
  }

  private Stream<ModuleTrack> ofInterest() {
    return tracks.values().stream().filter(ModuleTrack::isOfInterest);
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due(Instant now) {
    return tracks.values().stream()
        .map(track -> track.due(now))
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder());
  }

  /** The modules to stop in the end, in turn: those of one list may be stopped together. */
  List<List<String>> stopOrder() {
    SortedMap<Long, List<String>> levels = new TreeMap<>(Comparator.reverseOrder());
    for (ModuleTrack track : tracks.values()) {
      if (track.runs() && !track.isChanging()) {
        long order = track.desired().map(DeclaredModule::startupOrder).orElse(Group.REMOVALS);
        levels.computeIfAbsent(order, level -> new ArrayList<>()).add(track.name());
      }
    }
    return List.copyOf(levels.values());
  }
}
