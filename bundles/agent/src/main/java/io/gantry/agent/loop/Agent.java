package io.gantry.agent.loop;

import io.gantry.agent.manifest.DesiredStatus;
import io.gantry.agent.manifest.Rejected;
import io.gantry.agent.metric.Availability.Look;
import io.gantry.agent.report.Outcome;
import io.gantry.agent.report.ReportedProperties;
import io.gantry.agent.report.Snapshot;
import io.gantry.agent.run.GroupRunner;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.StatusWord;
import io.gantry.api.module.RequestException;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.twin.Twins;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The agent. All that changes belongs to one serial executor; other threads only hand in work and
 * read the last snapshot.
 *
 * <p>It turns on an event, never by polling: a manifest, a module that changed, a step that ended,
 * a wait that is over. Each turn looks at everything afresh, so that an event may come late, twice
 * or never; a slow turn once a minute finds what nobody told.
 */
public final class Agent implements Deployments {

  private static final Duration SLOW_TURN = Duration.ofSeconds(60);
  private static final Duration HEARTBEAT = Duration.ofMinutes(5);
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final Environment environment;
  private final ReportedProperties reported;
  private final Memory memory;
  private final GroupRunner runner;
  private final Supervisor supervisor;
  private final ModuleIdentities identities;
  private final ModuleTwins twins;
  private final DropInModules dropIns;
  private final Deployer deployer;
  private final DryRunner dryRunner;
  private final Instant startedAt;
  private Instant heartbeat;

  // deployments that somebody wanted before it was known what is in force
  private final List<Request> early = new ArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private Optional<AutoCloseable> dropInWatch = Optional.empty();
  private Optional<AutoCloseable> listening = Optional.empty();
  private Optional<Cancellable> wake = Optional.empty();
  private Optional<CompletableFuture<Void>> stopping = Optional.empty();

  // read by any thread
  private volatile Snapshot snapshot;

  /** In this environment; does nothing before {@link #start}. */
  public Agent(Environment surroundings, ReportedProperties reported) {
    environment = surroundings.measured();
    this.reported = reported;
    memory = new Memory(environment.table());
    runner =
        new GroupRunner(
            environment.runtime(), environment.metrics(), environment.time(), this::enqueue);
    supervisor = new Supervisor(environment.runtime(), runner, memory, this::turn);
    identities = new ModuleIdentities(environment.time(), this::enqueue);
    twins = new ModuleTwins(environment.time(), this::enqueue);
    dropIns = new DropInModules(memory);
    deployer =
        new Deployer(
            environment, supervisor, identities, twins, dropIns, this::enqueue, this::askForTurn);
    dryRunner = new DryRunner(environment.runtime(), environment.hub());
    startedAt = environment.time().instant();
    heartbeat = startedAt;
    snapshot =
        new Snapshot(
            0,
            new Outcome(Outcome.UNKNOWN, List.of()),
            Optional.empty(),
            List.of(),
            List.of(),
            startedAt,
            startedAt,
            true);
  }

  /**
   * Goes on with the last good manifest.
   *
   * @param initialDeployment file with the manifest to use when there is none
   */
  public void start(Optional<Path> initialDeployment) {
    enqueue(() -> load(initialDeployment));
  }

  private void load(Optional<Path> initialDeployment) {
    boolean orderly = memory.takeOrderlyStop();
    if (orderly) {
      supervisor.forgive();
    }
    try {
      if (!deployer.resume(orderly, now())) {
        initialDeployment
            .flatMap(InitialDeployment::read)
            .ifPresent(manifest -> deployer.submit(Request.of(manifest), now()));
      }
    } catch (RuntimeException e) {
      AgentLog.unreadable(e);
    }
    AgentLog.started(deployer.settledNumber(), orderly);
    listening = Optional.of(environment.runtime().listen(module -> askForTurn()));
    early.forEach(request -> deployer.submit(request, now()));
    early.clear();
    turn();
  }

  @Override
  public CompletionStage<DeployResult> deploy(String manifest) {
    Request request = Request.of(Objects.requireNonNull(manifest));
    if (!enqueue(() -> deploy(request))) {
      request.result().complete(Deployer.notRunning(snapshot.number()));
    }
    return request.result();
  }

  private void deploy(Request request) {
    if (stopping.isPresent()) {
      request.result().complete(Deployer.notRunning(snapshot.number()));
    } else if (listening.isPresent()) {
      deployer.submit(request, now());
      turn();
    } else {
      early.add(request);
    }
  }

  /** A registry is there, in which the modules want to stand. Any thread. */
  public void use(IdentityRegistry registry) {
    enqueue(() -> change(() -> identities.use(registry)));
  }

  /** A registry is there no more. Any thread. */
  public void lose(IdentityRegistry registry) {
    enqueue(() -> change(() -> identities.lose(registry)));
  }

  private void change(Runnable change) {
    change.run();
    if (listening.isPresent()) {
      turn();
    }
  }

  /** The twins of modules are there. Any thread. */
  public void use(Twins found) {
    enqueue(() -> change(() -> twins.use(found)));
  }

  /** These are no more. Any thread. */
  public void lose(Twins gone) {
    enqueue(() -> change(() -> twins.lose(gone)));
  }

  /** The gateway's own device. Any thread. */
  public void ofDevice(String id) {
    enqueue(() -> change(() -> twins.ofDevice(id)));
  }

  /** The drop-in folder is watched by this. Any thread. */
  public void use(DropIns found) {
    enqueue(
        () -> {
          dropInWatch.ifPresent(Agent::endListening);
          dropInWatch = Optional.of(found.listen(() -> enqueue(this::dropInsChanged)));
          dropIns.use(found);
          dropInsChanged();
        });
  }

  /** This watches it no more. Any thread. */
  public void lose(DropIns gone) {
    enqueue(() -> dropIns.lose(gone));
  }

  private void dropInsChanged() {
    change(
        () -> {
          dropIns.look();
          if (listening.isPresent()) {
            deployer.declare(now());
          }
        });
  }

  @Override
  public CompletionStage<DryRun> dryRun(String manifest) {
    CompletableFuture<DryRun> result = new CompletableFuture<>();
    boolean runs =
        enqueue(
            () ->
                dryRunner
                    .run(manifest, deployer::present)
                    .whenComplete((dryRun, failure) -> answer(result, dryRun, failure)));
    if (!runs) {
      answer(result, null, new IllegalStateException("the agent does not run"));
    }
    return result;
  }

  private static void answer(
      CompletableFuture<DryRun> result, @Nullable DryRun dryRun, @Nullable Throwable failure) {
    result.complete(
        dryRun != null
            ? dryRun
            : DryRun.refused(Outcome.UNKNOWN, List.of(String.valueOf(failure)), List.of()));
  }

  @Override
  public CompletionStage<DeployResult> undo() {
    Request request = Request.of("");
    boolean runs =
        enqueue(
            () -> {
              if (stopping.isPresent() || listening.isEmpty()) {
                request.result().complete(Deployer.notRunning(snapshot.number()));
                return;
              }
              deployer
                  .undo(request, now())
                  .ifPresent(
                      why ->
                          request
                              .result()
                              .complete(
                                  new DeployResult(
                                      Rejected.EMPTY, snapshot.number(), List.of(why), List.of())));
              turn();
            });
    if (!runs) {
      request.result().complete(Deployer.notRunning(snapshot.number()));
    }
    return request.result();
  }

  @Override
  public CompletionStage<Boolean> cancel() {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    boolean runs =
        enqueue(
            () -> {
              boolean cancelled = stopping.isEmpty() && deployer.cancel(now());
              turn();
              result.complete(cancelled);
            });
    if (!runs) {
      result.complete(false);
    }
    return result;
  }

  @Override
  public List<DeploymentRecord> history() {
    return snapshot.history();
  }

  @Override
  public CompletionStage<Void> restart(String module) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    boolean runs =
        enqueue(
            () -> {
              if (stopping.isPresent()) {
                result.completeExceptionally(
                    new RequestException(503, "the agent is being stopped"));
                return;
              }
              supervisor
                  .renew(module)
                  .whenComplete(
                      (done, failure) -> {
                        if (failure == null) {
                          result.complete(null);
                        } else {
                          result.completeExceptionally(failure);
                        }
                      });
              turn();
            });
    if (!runs) {
      result.completeExceptionally(new RequestException(503, "the agent does not run"));
    }
    return result;
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    listeners.add(changed);
    return () -> listeners.remove(changed);
  }

  @Override
  public List<ModuleReport> modules() {
    return snapshot.reports();
  }

  @Override
  public String reported() {
    return reported.json(snapshot);
  }

  private Instant now() {
    return environment.time().instant();
  }

  private boolean enqueue(Runnable task) {
    return environment.executor().offer(task);
  }

  private void askForTurn() {
    enqueue(this::turn);
  }

  private void turn() {
    if (stopping.isPresent()) {
      return;
    }
    try {
      memory.tryAgain();
      deployer.turn(now());
      publish(now());
    } catch (RuntimeException e) {
      AgentLog.bug(e);
    } finally {
      wakeLater(now());
      deployer.answer();
    }
  }

  private void wakeLater(Instant now) {
    wake.ifPresent(Cancellable::cancel);
    Duration wait =
        deployer
            .due(now)
            .map(due -> Duration.between(now, due))
            .filter(untilDue -> untilDue.compareTo(SLOW_TURN) < 0)
            .orElse(SLOW_TURN);
    Duration bounded = wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait;
    wake = Optional.of(environment.scheduler().schedule(bounded, this::askForTurn));
  }

  private void publish(Instant now) {
    List<ModuleStatus> modules = deployer.statuses(now);
    logChanges(snapshot.modules(), modules);
    environment
        .metrics()
        .availability()
        .note(supervisor.statuses(now).stream().map(Agent::look).toList());
    Snapshot before = snapshot;
    if (!now.isBefore(heartbeat.plus(HEARTBEAT)) || now.isBefore(heartbeat)) {
      heartbeat = now;
    }
    snapshot =
        new Snapshot(
            deployer.settledNumber(),
            deployer.outcome(),
            deployer.deployment(),
            modules,
            deployer.history(),
            startedAt,
            heartbeat,
            true);
    if (!snapshot.equals(before)) {
      listeners.forEach(Agent::tell);
    }
  }

  private static Look look(ModuleStatus module) {
    boolean expected =
        module.desired().filter(known -> known.status() == DesiredStatus.RUNNING).isPresent();
    return new Look(module.name(), expected, module.word() == StatusWord.RUNNING);
  }

  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      AgentLog.bug(e);
    }
  }

  private static void logChanges(List<ModuleStatus> before, List<ModuleStatus> now) {
    Map<String, StatusWord> words = new HashMap<>();
    before.forEach(module -> words.put(module.name(), module.word()));
    for (ModuleStatus module : now) {
      StatusWord former =
          Optional.ofNullable(words.remove(module.name())).orElse(StatusWord.UNKNOWN);
      if (former != module.word()) {
        AgentLog.status(former, module);
      }
    }
    words.keySet().forEach(AgentLog::removed);
  }

  /**
   * Stops all modules in reverse start-up order and notes that this was in order. The stage
   * completes, never with a failure, on any thread when all have stopped or have refused to.
   */
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    if (!enqueue(() -> stop(stopped))) {
      stopped.complete(null);
    }
    return stopped;
  }

  private void stop(CompletableFuture<Void> stopped) {
    if (stopping.isPresent()) {
      stopping.get().whenComplete((done, failure) -> stopped.complete(null));
      return;
    }
    stopping = Optional.of(stopped);
    wake.ifPresent(Cancellable::cancel);
    listening.ifPresent(Agent::endListening);
    dropInWatch.ifPresent(Agent::endListening);
    runner.stop();
    snapshot = snapshot.stopped(now());
    environment.metrics().close();
    deployer.stop();
    early.forEach(request -> request.result().complete(Deployer.notRunning(snapshot.number())));
    early.clear();
    listeners.forEach(Agent::tell);
    CompletionStage<Void> ending = memory.noteOrderlyStop();
    for (List<String> level : supervisor.stopOrder()) {
      ending = ending.handle((done, failure) -> stopAll(level)).thenCompose(stage -> stage);
    }
    ending.whenComplete((done, failure) -> stopped.complete(null));
  }

  private CompletionStage<Void> stopAll(List<String> modules) {
    return CompletableFuture.allOf(
        modules.stream().map(this::stopOne).toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> stopOne(String module) {
    try {
      return environment
          .runtime()
          .stop(module)
          .exceptionally(
              failure -> {
                AgentLog.stopFailed(module, failure);
                return null;
              })
          .toCompletableFuture();
    } catch (RuntimeException e) {
      AgentLog.stopFailed(module, e);
      return CompletableFuture.completedFuture(null);
    }
  }

  private static void endListening(AutoCloseable listening) {
    try {
      listening.close();
    } catch (Exception e) {
      AgentLog.bug(e);
    }
  }

  /** Stops, and waits for that at most 5 s; what has not stopped then is left to the framework. */
  public void close() throws InterruptedException {
    boolean inTime = false;
    try {
      stop().toCompletableFuture().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      inTime = true;
    } catch (TimeoutException e) {
      inTime = false;
    } catch (ExecutionException e) {
      AgentLog.bug(e);
    } finally {
      AgentLog.stopped(inTime);
      environment.executor().close();
    }
  }
}
