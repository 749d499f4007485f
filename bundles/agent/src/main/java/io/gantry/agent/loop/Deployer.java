package io.gantry.agent.loop;

import io.gantry.agent.loop.Entry.Former;
import io.gantry.agent.loop.Journal.InForce;
import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.manifest.ParsedManifest;
import io.gantry.agent.manifest.Rejected;
import io.gantry.agent.metric.AgentMetrics;
import io.gantry.agent.report.Outcome;
import io.gantry.agent.run.Duty;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.DeploymentRecord.State;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.PreparedModule;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Conducts deployments. A manifest that is good becomes the candidate: everything that it needs is
 * prepared while the one in force is supervised on. Then it is made the one in force, in one write
 * of the journal; then the hub gets its half and the modules follow. Of two candidates the later
 * one counts. Used by the agent's executor only.
 */
final class Deployer {

  private record Attempt(List<Request> requests, List<String> warnings) {}

  private final HubConfiguration hub;
  private final ModuleRuntime runtime;
  private final AgentMetrics metrics;
  private final Journal journal;
  private final Supervisor supervisor;
  private final ModuleIdentities identities;
  private final ModuleTwins twins;
  private final DropInModules dropIns;
  private final Executor owner;
  private final Runnable again;
  private final Duty configuring;
  private final Candidate.Parts candidateParts;
  private final Deque<Runnable> answers = new ArrayDeque<>();

  private Optional<Candidate> candidate = Optional.empty();
  private Optional<Candidate> postponed = Optional.empty();

  // wanted while a bad deployment is taken back, which nothing that comes later may keep from it
  private final List<Request> meanwhile = new ArrayList<>();

  private Optional<Deployment> deployment = Optional.empty();
  private Optional<Attempt> attempt = Optional.empty();
  private Optional<Trial> trial = Optional.empty();
  private boolean untried;
  private boolean isNew;

  // when the one in force was taken, until all is as it declares for the first time
  private Optional<Instant> unreached = Optional.empty();

  // of a manifest that was refused, or a deployment that was taken back, until the next one
  private Optional<Outcome> refusal = Optional.empty();
  private long refusedNumber;

  // as last reported: a deployment is told of when each of its steps was attempted
  private long settledNumber;
  private Outcome outcome = new Outcome(Outcome.UNKNOWN, List.of());

  Deployer(
      Environment environment,
      Supervisor supervisor,
      ModuleIdentities identities,
      ModuleTwins twins,
      DropInModules dropIns,
      Executor owner,
      Runnable again) {
    this.hub = environment.hub();
    this.runtime = environment.runtime();
    this.metrics = environment.metrics();
    this.journal = new Journal(environment.table(), environment.vault(), environment.time());
    this.supervisor = supervisor;
    this.identities = identities;
    this.twins = twins;
    this.dropIns = dropIns;
    this.owner = owner;
    this.again = again;
    configuring = new Duty("configuring the hub", environment.time(), owner);
    candidateParts = new Candidate.Parts(journal, runtime, environment.time(), owner);
  }

  // ---- taking ------------------------------------------------------------------------------

  /**
   * Goes on with what was kept; false when nothing was ever deployed.
   *
   * @param orderly whether the last stop was in order
   */
  boolean resume(boolean orderly, Instant now) {
    journal.load();
    isNew = journal.inForce().isEmpty();
    journal.inForce().ifPresent(entry -> resume(entry, now));
    resume(journal.pending(), now);
    resumeTrial(orderly, now);
    return journal.inForce().isPresent() || candidate.isPresent();
  }

  private void resume(Entry entry, Instant now) {
    settledNumber = entry.number();
    ParsedManifest parsed = ManifestReader.read(entry.manifest().orElse(""));
    if (parsed instanceof Rejected bad) {
      refuse(bad, entry.number());
    } else {
      use((Deployment) parsed, entry, now);
    }
  }

  /**
   * The last one goes on; one that had to wait for a way back waits on, or follows when that has
   * been gone.
   */
  private void resume(List<Entry> pending, Instant now) {
    Optional<Candidate> following = Optional.empty();
    for (Entry entry : pending) {
      ParsedManifest parsed = ManifestReader.read(entry.manifest().orElse(""));
      if (!(parsed instanceof Deployment good)) {
        journal.end(entry.number(), State.CANCELLED, "it cannot be read any more");
        continue;
      }
      Candidate next = candidate(entry, good, warnings(good));
      if (entry.number() < numberInForce()) {
        following = Optional.of(next);
      } else {
        postponed = entry.isRollback() ? candidate : Optional.empty();
        candidate = Optional.of(next);
      }
    }
    following.ifPresent(old -> follow(old, now));
  }

  private void follow(Candidate old, Instant now) {
    candidate.ifPresentOrElse(
        next ->
            journal.end(
                old.number(),
                State.CANCELLED,
                "deployment " + next.number() + " came in its place"),
        () -> proposeAgain(old, now));
  }

  private void resumeTrial(boolean orderly, Instant now) {
    boolean isOver = candidate.filter(Candidate::isRollback).isPresent();
    if (journal.trial() == 0 || deployment.isEmpty() || isOver) {
      return;
    }
    if (!orderly) {
      journal.startAgain();
    }
    trial = Trial.of(deployment.get(), now);
    untried = true;
    if (journal.trial() > Trial.MOST_STARTS) {
      rollBack(List.of("the runtime was started " + (journal.trial() - 1) + " times meanwhile"));
    }
  }

  private Candidate candidate(Entry entry, Deployment good, List<String> warnings) {
    return new Candidate(candidateParts, entry, good, warnings);
  }

  /** Somebody wants a manifest deployed. */
  void submit(Request request, Instant now) {
    ParsedManifest parsed = ManifestReader.read(request.manifest());
    if (parsed instanceof Rejected bad) {
      refuse(request, bad);
      return;
    }
    Deployment good = (Deployment) parsed;
    List<String> hubErrors = check(good.hubDesired());
    if (!hubErrors.isEmpty()) {
      refuse(request, new Rejected(Rejected.MALFORMED, hubErrors));
    } else if (candidate.filter(known -> known.deployment().equals(good)).isPresent()) {
      candidate.get().add(request);
      candidate.get().retryNow();
    } else if (candidate.filter(Candidate::isRollback).isPresent()) {
      meanwhile.add(request);
    } else if (candidate.isEmpty() && deployment.filter(good::equals).isPresent()) {
      retryNow(request, good);
    } else {
      propose(request, good, now);
    }
  }

  private void refuse(Request request, Rejected bad) {
    refuse(bad, numberInForce());
    answer(request, new DeployResult(bad.code(), settledNumber, bad.errors(), List.of()));
  }

  private long numberInForce() {
    return journal.inForce().map(Entry::number).orElse(0L);
  }

  private void refuse(Rejected bad, long number) {
    outcome = new Outcome(bad.code(), bad.errors());
    refusal = Optional.of(outcome);
    refusedNumber = number;
    AgentLog.refused(bad.code(), number, bad.errors());
  }

  /** The same as is in force: what failed of it is tried again at once. */
  private void retryNow(Request request, Deployment good) {
    refusal = Optional.empty();
    identities.again();
    twins.retryNow();
    configuring.retryNow();
    supervisor.retryNow();
    List<Request> requests = new ArrayList<>();
    attempt.ifPresent(known -> requests.addAll(known.requests()));
    requests.add(request);
    attempt = Optional.of(new Attempt(requests, warnings(good)));
  }

  private void propose(Request request, Deployment good, Instant now) {
    refusal = Optional.empty();
    long number = journal.nextNumber();
    giveUpCandidate("deployment " + number + " came in its place");
    Entry entry =
        new Entry(
            number,
            Candidate.DEPLOYED,
            now,
            Optional.of(request.manifest()),
            knownFor(good),
            Optional.empty(),
            Optional.empty());
    Candidate next = candidate(entry, good, warnings(good));
    next.add(request);
    candidate = Optional.of(next);
    AgentLog.accepted(number, good.modules().size(), next.warnings());
  }

  /** It had to wait for another one to be taken back. */
  private void proposeAgain(Candidate old, Instant now) {
    propose(Request.of(old.manifest()), old.deployment(), now);
    Candidate next = candidate.orElseThrow();
    old.takeRequests().forEach(next::add);
    // Noted before the old one is ended: a power cut between the two must leave one of them.
    next.turn(again);
    journal.end(old.number(), State.CANCELLED, "it goes on as deployment " + next.number());
  }

  /** What the one in force was made of, for the modules that are to be made of the same. */
  private SortedMap<String, Entry.Prepared> knownFor(Deployment good) {
    SortedMap<String, Entry.Prepared> known = new TreeMap<>();
    if (deployment.isEmpty() || journal.inForce().isEmpty()) {
      return known;
    }
    Map<String, Entry.Prepared> before = journal.inForce().get().prepared();
    for (DeclaredModule module : good.modules().values()) {
      DeclaredModule old = deployment.get().modules().get(module.name());
      if (old != null && module.isMadeOf(old) && before.containsKey(module.name())) {
        known.put(module.name(), before.get(module.name()));
      }
    }
    return known;
  }

  private List<String> check(String hubDesired) {
    try {
      return hub.check(hubDesired);
    } catch (RuntimeException | Error e) {
      return List.of("$edgeHub: the hub cannot check its desired properties: " + e);
    }
  }

  private List<String> warnings(Deployment good) {
    List<String> warnings = new ArrayList<>(good.warnings());
    try {
      warnings.addAll(hub.warnings(good.hubDesired()));
    } catch (RuntimeException | Error e) {
      warnings.add("$edgeHub: the hub cannot say what of it has no effect: " + e);
    }
    return List.copyOf(warnings);
  }

  // ---- going back --------------------------------------------------------------------------

  /** Goes back to the deployment before; says why when there is none. */
  Optional<String> undo(Request request, Instant now) {
    if (candidate.isPresent()) {
      return Optional.of(
          "deployment "
              + candidate.get().number()
              + " is not in force yet; give it up before you go back behind the one that is");
    }
    Optional<Entry> present = journal.inForce();
    if (present.isEmpty() || journal.previous().isEmpty()) {
      return Optional.of("there is no deployment to go back to");
    }
    return revert("undo of " + present.get().number(), Optional.empty(), request, now);
  }

  /** Gives up what is not in force, or has not settled; false when there is nothing of the kind. */
  boolean cancel(Instant now) {
    if (candidate.isPresent()) {
      giveUpCandidate("somebody gave it up");
      submitMeanwhile(now);
      retain();
      return true;
    }
    if (attempt.isEmpty() || journal.previous().isEmpty()) {
      return false;
    }
    long number = journal.inForce().orElseThrow().number();
    Former given = new Former(number, State.CANCELLED, "somebody gave it up");
    return revert("cancel of " + number, Optional.of(given), Request.of(""), now).isEmpty();
  }

  private Optional<String> revert(
      String origin, Optional<Former> former, Request request, Instant now) {
    Entry back = journal.previous().orElseThrow();
    ParsedManifest parsed = ManifestReader.read(back.manifest().orElse(""));
    if (!(parsed instanceof Deployment good)) {
      return Optional.of("deployment " + back.number() + " cannot be read any more");
    }
    Entry entry =
        new Entry(
            journal.nextNumber(),
            origin,
            now,
            back.manifest(),
            back.prepared(),
            former,
            Optional.empty());
    Candidate next = candidate(entry, good, warnings(good));
    next.add(request);
    candidate = Optional.of(next);
    AgentLog.reverting(entry.number(), origin, back.number());
    return Optional.empty();
  }

  private void rollBack(List<String> ailments) {
    Entry bad = journal.inForce().orElseThrow();
    Trial failed = trial.orElseThrow();
    trial = Optional.empty();
    if (journal.previous().isEmpty()) {
      journal.confirm();
      return;
    }
    String why = failed.verdict(ailments);
    Optional<Candidate> waiting = candidate;
    Optional<String> noWay =
        revert(
            "rollback of " + bad.number(),
            Optional.of(new Former(bad.number(), State.ROLLED_BACK, why)),
            Request.of(""),
            candidateParts.time().instant());
    if (noWay.isPresent()) {
      journal.confirm();
      AgentLog.noWayBack(noWay.get());
      return;
    }
    journal.stay();
    postponed = waiting;
    postponed.ifPresent(Candidate::cancel);
    AgentLog.rolledBack(bad.number(), why);
    again.run();
  }

  private void giveUpCandidate(String why) {
    journal.stay();
    Stream.of(candidate, postponed).flatMap(Optional::stream).forEach(old -> giveUp(old, why));
    candidate = Optional.empty();
    postponed = Optional.empty();
  }

  private void giveUp(Candidate old, String why) {
    old.cancel();
    journal.end(old.number(), State.CANCELLED, why);
    String text = "deployment " + old.number() + " was given up: " + why;
    answer(old, DeployResult.UNMET, List.of(text));
  }

  // ---- turning -----------------------------------------------------------------------------

  /** Does what can be done now. */
  void turn(Instant now) {
    journal.tryAgain();
    candidate.ifPresent(this::turn);
    configuring.attend(again);
    boolean open = !configuring.isUntried();
    boolean attempted = supervisor.turn(open, now);
    if (deployment.isPresent() || isNew) {
      identities.turn(names(), again);
    }
    if (identities.isSettled()) {
      twins.turn(again);
    }
    boolean told = !identities.isSettled() || !twins.isUntried();
    if (attempted && open && told) {
      settle();
      beginTrial(now);
    }
    trial = trial.map(window -> window.at(now));
    trial.ifPresent(window -> judge(window, now));
  }

  /** Of those that are declared, those that are still there, and those dropped in. */
  private Set<String> names() {
    Set<String> names = new HashSet<>(supervisor.names());
    names.addAll(dropIns.names());
    return names;
  }

  private void turn(Candidate next) {
    next.turn(again);
    if (next.isReady()) {
      InForce now =
          new InForce(
              next.number(), next.isRollback() ? 0 : numberInForce(), isOnTrial(next) ? 1 : 0);
      next.commit(
          whole -> journal.complete(whole).thenComposeAsync(kept -> count(next, now), owner),
          () -> {
            if (next.isCommitted() && isCandidate(next)) {
              putInForce(next, now);
            }
            again.run();
          });
    } else if (next.isHopeless()) {
      refuse(next);
    }
    if (candidate.isPresent() && next.isWaiting()) {
      tellWaiting(next);
    }
  }

  /** Not one that was given up while what was prepared for it was written. */
  private CompletionStage<Void> count(Candidate next, InForce now) {
    return isCandidate(next)
        ? journal.count(now)
        : CompletableFuture.failedFuture(new CancellationException("it was given up"));
  }

  private boolean isCandidate(Candidate next) {
    return candidate.filter(known -> known == next).isPresent();
  }

  private boolean isOnTrial(Candidate next) {
    return next.deployment().rollback().isPresent()
        && journal.inForce().isPresent()
        && !next.isGoingBack();
  }

  private void putInForce(Candidate next, InForce now) {
    Instant instant = candidateParts.time().instant();
    candidate = Optional.empty();
    attempt.ifPresent(
        old -> end(old, List.of("deployment " + next.number() + " came in the place of this one")));
    Entry whole = next.whole();
    journal.committed(whole, now);
    use(next.deployment(), whole, instant);
    attempt = Optional.of(new Attempt(next.takeRequests(), next.warnings()));
    unreached = Optional.of(whole.takenAt());
    trial = now.trial() > 0 ? Trial.of(next.deployment(), instant) : Optional.empty();
    untried = false;
    next.former().filter(former -> next.isRollback()).ifPresent(this::tellRollback);
    AgentLog.inForce(whole.number(), whole.origin());
    Optional<Candidate> waiting = postponed;
    postponed = Optional.empty();
    waiting.ifPresent(old -> proposeAgain(old, instant));
    submitMeanwhile(instant);
  }

  private void submitMeanwhile(Instant now) {
    List<Request> wanted = List.copyOf(meanwhile);
    meanwhile.clear();
    wanted.forEach(request -> submit(request, now));
  }

  private void tellRollback(Former bad) {
    String text = "deployment " + bad.number() + " was taken back, " + bad.why();
    refusal = Optional.of(new Outcome(Outcome.FAILED, List.of(text)));
    refusedNumber = journal.inForce().orElseThrow().number();
  }

  private void use(Deployment good, Entry entry, Instant now) {
    deployment = Optional.of(good);
    runtime.use(good.logins());
    declare(now);
    configuring.want(() -> hub.apply(good.hubDesired()));
    identities.again();
    twins.declare(good.moduleDesired());
    retain();
  }

  /** Tells the supervisor what shall run: the modules of the manifest, and what was dropped in. */
  void declare(Instant now) {
    SortedMap<String, DeclaredModule> modules = new TreeMap<>(dropIns.modules());
    deployment.ifPresent(good -> modules.putAll(good.modules()));
    if (deployment.isPresent() || !modules.isEmpty() || dropIns.hadAny()) {
      supervisor.declare(
          modules, prepared(), deployment.map(Deployment::logins).orElse(List.of()), now);
    }
  }

  /** What was prepared for the modules of the one in force. */
  private SortedMap<String, PreparedModule> prepared() {
    return deployment
        .flatMap(good -> journal.inForce().map(entry -> prepared(good, entry)))
        .orElseGet(TreeMap::new);
  }

  private static SortedMap<String, PreparedModule> prepared(Deployment good, Entry entry) {
    SortedMap<String, PreparedModule> prepared = new TreeMap<>();
    for (DeclaredModule module : good.modules().values()) {
      Candidate.known(entry, module).ifPresent(found -> prepared.put(module.name(), found));
    }
    return prepared;
  }

  /**
   * What runs, what may come back, and what may come next stay in the cache. After a start it is
   * not known what was fetched for one that is pending: until that has ended, all stays.
   */
  private void retain() {
    if (candidate.isEmpty() && !journal.pending().isEmpty()) {
      return;
    }
    Collection<PreparedModule> needed = new ArrayList<>(prepared().values());
    journal.previous().ifPresent(entry -> needed.addAll(prepared(entry)));
    candidate.ifPresent(next -> needed.addAll(next.prepared().values()));
    runtime.retain(needed);
  }

  private static Collection<PreparedModule> prepared(Entry entry) {
    return entry
        .manifest()
        .map(ManifestReader::read)
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .map(good -> prepared(good, entry))
        .orElseGet(TreeMap::new)
        .values();
  }

  private void refuse(Candidate next) {
    List<String> failures = next.failures();
    next.cancel();
    candidate = Optional.empty();
    journal.end(next.number(), State.REFUSED, String.join("; ", failures));
    retain();
    outcome = new Outcome(Outcome.FAILED, failures);
    refusal = Optional.of(outcome);
    refusedNumber = next.number();
    settledNumber = next.number();
    AgentLog.unmet(next.number(), failures);
    answer(next, DeployResult.UNMET, failures);
  }

  /** It is not in force, but will be when what failed goes well. */
  private void tellWaiting(Candidate next) {
    List<String> failures = next.failures();
    Outcome waiting = new Outcome(Outcome.FAILED, failures);
    if (!waiting.equals(outcome) || settledNumber != next.number()) {
      AgentLog.waiting(next.number(), failures);
    }
    outcome = waiting;
    settledNumber = next.number();
    answer(next, Outcome.FAILED, failures);
  }

  private void settle() {
    List<String> failures = failures();
    attempt.ifPresent(ended -> end(ended, failures));
    attempt = Optional.empty();
    if (failures.isEmpty()) {
      unreached.ifPresent(metrics::deployed);
      unreached = Optional.empty();
    }
    boolean isFirst = candidate.isPresent() && deployment.isEmpty();
    if (isFirst || candidate.filter(Candidate::isWaiting).isPresent()) {
      return;
    }
    Outcome now = refusal.orElseGet(() -> Outcome.of(failures));
    // One that was on its way when a bad manifest came may have come into force since.
    long number = refusal.isPresent() ? Math.max(refusedNumber, numberInForce()) : numberInForce();
    if (refusal.isEmpty() && (!now.equals(outcome) || number != settledNumber)) {
      log(number, now);
    }
    outcome = now;
    settledNumber = number;
  }

  /** After a start the window begins when all was tried: how long a start takes is no verdict. */
  private void beginTrial(Instant now) {
    if (untried) {
      untried = false;
      trial = trial.flatMap(known -> deployment.flatMap(good -> Trial.of(good, now)));
    }
  }

  private void judge(Trial window, Instant now) {
    Set<String> modules = deployment.orElseThrow().modules().keySet();
    List<String> misplaced = supervisor.misplacements(modules);
    if (!misplaced.isEmpty() && attempt.isEmpty()) {
      rollBack(misplaced);
    } else if (!untried && window.isOver(now)) {
      List<String> ailments = supervisor.ailments(modules, now);
      if (ailments.isEmpty()) {
        trial = Optional.empty();
        journal.confirm();
        AgentLog.confirmed(journal.inForce().orElseThrow().number());
      } else {
        rollBack(ailments);
      }
    }
  }

  private void end(Attempt ended, List<String> failures) {
    int code = Outcome.of(failures).code();
    DeployResult result = new DeployResult(code, numberInForce(), failures, ended.warnings());
    ended.requests().forEach(request -> answer(request, result));
  }

  private void answer(Candidate next, int code, List<String> errors) {
    DeployResult result = new DeployResult(code, next.number(), errors, next.warnings());
    next.takeRequests().forEach(request -> answer(request, result));
  }

  private void answer(Request request, DeployResult result) {
    answers.add(() -> request.result().complete(result));
  }

  /** Answers those whose manifests were dealt with; after the new state can be seen by all. */
  void answer() {
    while (!answers.isEmpty()) {
      answers.remove().run();
    }
  }

  private void log(long number, Outcome now) {
    if (deployment.isPresent() && now.code() == Outcome.DONE) {
      AgentLog.done(number);
    } else if (now.code() == Outcome.FAILED) {
      AgentLog.failing(number, now.errors());
    }
  }

  private List<String> failures() {
    List<String> failures = new ArrayList<>();
    configuring.failure().ifPresent(failures::add);
    twins.failure().ifPresent(failures::add);
    Set<String> dropped = new HashSet<>(dropIns.modules().keySet());
    deployment.ifPresent(good -> dropped.removeAll(good.modules().keySet()));
    failures.addAll(supervisor.failures(dropped));
    return failures;
  }

  /** Answers all who wait, since nobody will go on. */
  void stop() {
    List<String> why = List.of("the agent was stopped; it goes on with this when it is started");
    attempt.ifPresent(ended -> end(ended, why));
    attempt = Optional.empty();
    for (Candidate next : Stream.of(candidate, postponed).flatMap(Optional::stream).toList()) {
      answer(next, Outcome.FAILED, why);
      next.cancel();
    }
    meanwhile.forEach(request -> answer(request, notRunning(settledNumber)));
    meanwhile.clear();
    supervisor.stop();
    answer();
  }

  static DeployResult notRunning(long number) {
    return new DeployResult(
        Outcome.UNKNOWN, number, List.of("the agent does not run; nothing was changed"), List.of());
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due(Instant now) {
    return Stream.of(
            configuring.due(),
            identities.due(),
            twins.due(),
            supervisor.due(now),
            candidate.flatMap(Candidate::due),
            trial.filter(known -> !untried).map(Trial::until))
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder());
  }

  long settledNumber() {
    return settledNumber;
  }

  Outcome outcome() {
    return outcome;
  }

  Optional<Deployment> deployment() {
    return deployment;
  }

  Optional<Candidate> candidate() {
    return candidate;
  }

  /** What is now, for a dry run. */
  DryRunner.Present present() {
    return new DryRunner.Present(
        deployment, prepared(), supervisor.installed(), Set.copyOf(dropIns.modules().keySet()));
  }

  /** The modules, declared, present and to come, by name. */
  List<ModuleStatus> statuses(Instant now) {
    SortedMap<String, ModuleStatus> statuses = new TreeMap<>();
    supervisor.statuses(now).forEach(status -> statuses.put(status.name(), status));
    candidate.ifPresent(
        next ->
            next.parts()
                .forEach(
                    part ->
                        statuses.compute(
                            part.declared().name(),
                            (name, known) ->
                                known == null ? part.status(now) : part.added(known))));
    return List.copyOf(statuses.values());
  }

  /** Newest first; a pending one with what it waits for. */
  List<DeploymentRecord> history() {
    return journal.history().stream().map(this::withWait).toList();
  }

  private DeploymentRecord withWait(DeploymentRecord known) {
    if (known.state() != State.PENDING || candidate.isEmpty()) {
      return known;
    }
    return new DeploymentRecord(
        known.number(),
        known.state(),
        known.origin(),
        known.takenAt(),
        known.endedAt(),
        String.join("; ", candidate.get().failures()),
        known.modules());
  }
}
