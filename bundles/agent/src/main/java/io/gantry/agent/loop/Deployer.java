package io.gantry.agent.loop;

import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.manifest.ManifestReader;
import io.gantry.agent.manifest.ParsedManifest;
import io.gantry.agent.manifest.Rejected;
import io.gantry.agent.report.Outcome;
import io.gantry.agent.run.Duty;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.HubConfiguration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * Takes manifests, one after another, and says what became of them. A good one is first kept
 * durably, then the hub gets its half, then the modules follow; a crash between leaves the new
 * manifest to the next start. Used by the agent's executor only.
 */
final class Deployer {

  private record Attempt(Request request, List<String> warnings) {}

  private final HubConfiguration hub;
  private final Memory memory;
  private final Supervisor supervisor;
  private final ModuleIdentities identities;
  private final Runnable again;
  private final Duty keeping;
  private final Duty configuring;
  private final Deque<Request> waiting = new ArrayDeque<>();
  private final Deque<Runnable> answers = new ArrayDeque<>();

  private long number;
  private Optional<Deployment> deployment = Optional.empty();
  private Optional<Attempt> attempt = Optional.empty();
  private Optional<Outcome> refusal = Optional.empty();

  // as last reported: a deployment is told of when each of its steps was attempted
  private long settledNumber;
  private Outcome outcome = new Outcome(Outcome.UNKNOWN, List.of());

  Deployer(
      Environment environment,
      Memory memory,
      Supervisor supervisor,
      ModuleIdentities identities,
      Executor owner,
      Runnable again) {
    this.hub = environment.hub();
    this.memory = memory;
    this.supervisor = supervisor;
    this.identities = identities;
    this.again = again;
    keeping = new Duty("keeping the manifest", environment.time(), owner);
    configuring = new Duty("configuring the hub", environment.time(), owner);
  }

  /** Goes on with what was kept; false when nothing was ever deployed. */
  boolean resume(Instant now) {
    Optional<Memory.Kept> kept = memory.manifest();
    kept.ifPresent(known -> resume(known, now));
    return kept.isPresent();
  }

  private void resume(Memory.Kept kept, Instant now) {
    number = kept.number();
    settledNumber = number;
    ParsedManifest parsed = ManifestReader.read(kept.manifest());
    if (parsed instanceof Deployment good) {
      use(good, now);
    } else if (parsed instanceof Rejected bad) {
      refusal = Optional.of(new Outcome(bad.code(), bad.errors()));
      AgentLog.refused(bad.code(), number, bad.errors());
    }
  }

  private void use(Deployment good, Instant now) {
    deployment = Optional.of(good);
    supervisor.declare(good, now);
    configuring.want(() -> hub.apply(good.hubDesired()));
  }

  void submit(Request request) {
    waiting.add(request);
  }

  /** Does what can be done now. */
  void turn(Instant now) {
    while (attempt.isEmpty() && !waiting.isEmpty()) {
      take(waiting.remove(), now);
    }
    keeping.attend(again);
    if (!keeping.isUntried()) {
      configuring.attend(again);
    }
    boolean open = !keeping.isUntried() && !configuring.isUntried();
    if (supervisor.turn(open, now) && open) {
      settle();
    }
    if (deployment.isPresent() && !keeping.isUntried()) {
      identities.turn(supervisor.names(), again);
    }
  }

  private void take(Request request, Instant now) {
    ParsedManifest parsed = ManifestReader.read(request.manifest());
    if (parsed instanceof Rejected bad) {
      refuse(request, bad.code(), bad.errors());
    } else if (parsed instanceof Deployment good) {
      List<String> hubErrors = check(good.hubDesired());
      if (hubErrors.isEmpty()) {
        accept(request, good, now);
      } else {
        refuse(request, Rejected.MALFORMED, hubErrors);
      }
    }
  }

  private List<String> check(String hubDesired) {
    try {
      return hub.check(hubDesired);
    } catch (RuntimeException e) {
      return List.of("$edgeHub: the hub cannot check its desired properties: " + e);
    }
  }

  private List<String> warnings(Deployment good) {
    List<String> warnings = new ArrayList<>(good.warnings());
    try {
      warnings.addAll(hub.warnings(good.hubDesired()));
    } catch (RuntimeException e) {
      warnings.add("$edgeHub: the hub cannot say what of it has no effect: " + e);
    }
    return List.copyOf(warnings);
  }

  private void refuse(Request request, int code, List<String> errors) {
    outcome = new Outcome(code, errors);
    refusal = Optional.of(outcome);
    AgentLog.refused(code, number, errors);
    answer(request, new DeployResult(code, number, errors, List.of()));
  }

  private void accept(Request request, Deployment good, Instant now) {
    refusal = Optional.empty();
    identities.again();
    List<String> warnings = warnings(good);
    attempt = Optional.of(new Attempt(request, warnings));
    if (deployment.filter(good::equals).isPresent()) {
      keeping.retryNow();
      configuring.retryNow();
      supervisor.retryNow();
      return;
    }
    number++;
    Memory.Kept kept = new Memory.Kept(number, request.manifest());
    keeping.want(() -> memory.keep(kept));
    use(good, now);
    AgentLog.accepted(number, good.modules().size(), warnings);
  }

  private void settle() {
    List<String> failures = failures();
    Outcome now = refusal.orElseGet(() -> Outcome.of(failures));
    if (!now.equals(outcome) || number != settledNumber) {
      log(now);
    }
    outcome = now;
    settledNumber = number;
    attempt.ifPresent(ended -> end(ended, failures));
    attempt = Optional.empty();
    if (!waiting.isEmpty()) {
      again.run();
    }
  }

  private void end(Attempt ended, List<String> failures) {
    int code = Outcome.of(failures).code();
    answer(ended.request(), new DeployResult(code, number, failures, ended.warnings()));
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

  private void log(Outcome now) {
    if (deployment.isPresent() && now.code() == Outcome.DONE) {
      AgentLog.done(number);
    } else if (now.code() == Outcome.FAILED) {
      AgentLog.failing(number, now.errors());
    }
  }

  private List<String> failures() {
    List<String> failures = new ArrayList<>();
    keeping.failure().ifPresent(failures::add);
    configuring.failure().ifPresent(failures::add);
    failures.addAll(supervisor.failures());
    return failures;
  }

  /** Answers all who wait, since nobody will go on. */
  void stop() {
    attempt.ifPresent(
        ended ->
            end(ended, List.of("the agent was stopped; it goes on with this when it is started")));
    attempt = Optional.empty();
    waiting.forEach(request -> answer(request, notRunning(number)));
    waiting.clear();
    answer();
  }

  static DeployResult notRunning(long number) {
    return new DeployResult(
        Outcome.UNKNOWN, number, List.of("the agent does not run; nothing was changed"), List.of());
  }

  /** When to turn again though nothing happens. */
  Optional<Instant> due(Instant now) {
    return Stream.of(keeping.due(), configuring.due(), identities.due(), supervisor.due(now))
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
}
