package io.gantry.agent.loop;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.plan.Group;
import io.gantry.agent.plan.Planner;
import io.gantry.agent.run.GroupRunner;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.ModuleTrack;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleRuntime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the modules equal to what is declared, one turn at a time: look, plan, begin what may
 * begin. Used by the agent's executor only.
 *
 * <p>What may begin: restarts of modules that ended, always; fetching, once the manifest is kept;
 * and changes one after another in the plan's order, but none before all that is to be fetched has
 * been fetched or has failed to be for the first time. So nothing that runs is touched for a
 * deployment whose parts are not there, a slow download delays no restart, and one failing module
 * stops no other.
 */
final class Supervisor {

  private final ModuleRuntime runtime;
  private final GroupRunner runner;
  private final Memory memory;
  private final Runnable again;
  private final SortedMap<String, ModuleTrack> tracks = new TreeMap<>();

  private boolean forgiving;
  private Optional<Deployment> deployment = Optional.empty();
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

  /** This shall be from now on. */
  void declare(Deployment declared, Instant now) {
    deployment = Optional.of(declared);
    declared.modules().keySet().forEach(name -> track(name, now));
    tracks
        .values()
        .forEach(track -> track.declare(Optional.ofNullable(declared.modules().get(track.name()))));
    memory.forgetOthers(tracks.keySet());
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
    if (deployment.isEmpty() || !look(now)) {
      return true;
    }
    List<Group> plan = plan(now);
    if (open) {
      beginAll(plan, Group::isPreparation, now);
      beginChange(plan, now);
    }
    beginAll(plan, Group::isRestart, now);
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
          Memory.Remembered known = memory.recall(name);
          return new ModuleTrack(
              name, forgiving ? known.history().forgiven() : known.history(), known.origin(), now);
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
    boolean fetching =
        plan.stream()
            .filter(Group::isPreparation)
            .map(group -> track(group.module(), now))
            .anyMatch(ModuleTrack::isFirstTry);
    if (fetching || tracks.values().stream().anyMatch(ModuleTrack::isChanging)) {
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
      runner.run(group, track, again);
      return true;
    }
    return false;
  }

  private void keepRecords() {
    List<ModuleTrack> gone = tracks.values().stream().filter(ModuleTrack::isGone).toList();
    gone.forEach(track -> memory.forget(track.name()));
    gone.forEach(track -> tracks.remove(track.name()));
    tracks.values().forEach(memory::remember);
  }

  /** What fails now, as sentences. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    blindness.ifPresent(failures::add);
    ofInterest().forEach(track -> failures.addAll(track.failures()));
    return failures;
  }

  /** The modules, declared and present, by name. */
  List<ModuleStatus> statuses(Instant now) {
    return ofInterest().map(track -> track.status(now)).toList();
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
