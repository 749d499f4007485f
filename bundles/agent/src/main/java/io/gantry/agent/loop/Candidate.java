package io.gantry.agent.loop;

import io.gantry.agent.loop.Entry.Prepared;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.plan.Coexistence;
import io.gantry.agent.run.Duty;
import io.gantry.agent.run.Preparing;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * A deployment on its way into force: it is noted in the journal, each of its modules is prepared,
 * and when all are it is made the one in force. Until then nothing is touched. Used by the agent's
 * executor only.
 */
final class Candidate {

  /** The origin of a deployment that somebody has made. */
  static final String DEPLOYED = "deployed";

  private final Entry entry;
  private final Deployment deployment;
  private final List<String> warnings;
  private final SortedMap<String, Preparing> parts = new TreeMap<>();
  private final Duty opening;
  private final Duty committing;
  private final List<Request> requests = new ArrayList<>();

  /** What a candidate needs. */
  record Parts(Journal journal, ModuleRuntime runtime, InstantSource time, Executor owner) {}

  /**
   * @param entry as it is noted; what it holds for a module need not be prepared any more
   */
  Candidate(Parts with, Entry entry, Deployment deployment, List<String> warnings) {
    this.entry = entry;
    this.deployment = deployment;
    this.warnings = warnings;
    deployment
        .modules()
        .forEach(
            (name, declared) ->
                parts.put(
                    name,
                    new Preparing(
                        declared,
                        known(entry, declared),
                        with.runtime(),
                        with.time(),
                        with.owner())));
    opening = new Duty("keeping the deployment", with.time(), with.owner());
    opening.want(() -> with.journal().open(entry));
    committing = new Duty("keeping the deployment", with.time(), with.owner());
  }

  /** What the entry has for a module. */
  static Optional<PreparedModule> known(Entry entry, DeclaredModule declared) {
    return Optional.ofNullable(entry.prepared().get(declared.name()))
        .map(found -> found.as(declared.spec()));
  }

  /** Somebody waits for it. */
  void add(Request request) {
    requests.add(request);
  }

  /** Those who wait; they are told once. */
  List<Request> takeRequests() {
    List<Request> taken = List.copyOf(requests);
    requests.clear();
    return taken;
  }

  /** Does what can be done now. */
  void turn(Runnable then) {
    opening.attend(then);
    List<RepositoryLogin> logins = deployment.logins();
    parts.values().forEach(part -> part.attend(logins, then));
  }

  /** Whether every module is prepared, and it is noted that there is this deployment. */
  boolean isReady() {
    return opening.isIdle() && isPrepared() && conflicts().isEmpty();
  }

  private boolean isPrepared() {
    return parts.values().stream().allMatch(part -> part.prepared().isPresent());
  }

  /** What has been together before can be together. */
  private List<String> conflicts() {
    return isPrepared() && !isGoingBack() ? Coexistence.conflicts(prepared().values()) : List.of();
  }

  /** Whether all was tried, and something will fail again until somebody changes something. */
  boolean isHopeless() {
    return isTried()
        && (parts.values().stream().anyMatch(Preparing::isHopeless) || !conflicts().isEmpty());
  }

  /** Whether all was tried and something that failed is tried again later. */
  boolean isWaiting() {
    return isTried() && !failures().isEmpty();
  }

  private boolean isTried() {
    return !opening.isUntried()
        && !committing.isUntried()
        && parts.values().stream().noneMatch(Preparing::isUntried);
  }

  /** Makes it the one in force. */
  void commit(CommitStep step, Runnable then) {
    if (committing.isIdle()) {
      Entry whole = whole();
      committing.want(() -> step.commit(whole));
    }
    committing.attend(then);
  }

  /** Whether it has been made the one in force. */
  boolean isCommitted() {
    return committing.isIdle() && committing.failure().isEmpty();
  }

  /** Whether it is one that was in force before. */
  boolean isGoingBack() {
    return !entry.origin().equals(DEPLOYED);
  }

  /** How it is made the one in force. */
  @FunctionalInterface
  interface CommitStep {
    /** Completes when it is durable. */
    CompletionStage<Void> commit(Entry whole);
  }

  /** The entry with all that was prepared. */
  Entry whole() {
    SortedMap<String, Prepared> prepared = new TreeMap<>();
    parts.forEach(
        (name, part) ->
            part.prepared().ifPresent(module -> prepared.put(name, Prepared.of(module))));
    return entry.with(prepared);
  }

  /** What was prepared so far. */
  SortedMap<String, PreparedModule> prepared() {
    SortedMap<String, PreparedModule> prepared = new TreeMap<>();
    parts.forEach((name, part) -> part.prepared().ifPresent(module -> prepared.put(name, module)));
    return prepared;
  }

  /** What fails now, as sentences. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    opening.failure().ifPresent(failures::add);
    committing.failure().ifPresent(failures::add);
    for (Map.Entry<String, Preparing> part : parts.entrySet()) {
      part.getValue()
          .failure()
          .ifPresent(text -> failures.add("module " + part.getKey() + ": " + text));
    }
    failures.addAll(conflicts());
    return failures;
  }

  /** Its modules. */
  Collection<Preparing> parts() {
    return parts.values();
  }

  /** What failed is tried again without waiting. */
  void retryNow() {
    opening.retryNow();
    committing.retryNow();
    parts.values().forEach(Preparing::retryNow);
  }

  /** Ends what is under way. */
  void cancel() {
    parts.values().forEach(Preparing::cancel);
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due() {
    return Stream.concat(
            Stream.of(opening.due(), committing.due()), parts.values().stream().map(Preparing::due))
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder());
  }

  long number() {
    return entry.number();
  }

  String manifest() {
    return entry.manifest().orElse("");
  }

  Deployment deployment() {
    return deployment;
  }

  List<String> warnings() {
    return warnings;
  }

  /** How the one in force will have ended; empty when just replaced. */
  Optional<Entry.Former> former() {
    return entry.former();
  }

  /** Whether it is the way back from one that was not well. */
  boolean isRollback() {
    return entry.isRollback();
  }
}
