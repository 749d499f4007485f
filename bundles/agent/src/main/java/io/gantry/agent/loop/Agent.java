package io.gantry.agent.loop;

import io.gantry.agent.report.Outcome;
import io.gantry.agent.report.ReportedProperties;
import io.gantry.agent.report.Snapshot;
import io.gantry.agent.run.GroupRunner;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.StatusWord;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.identity.IdentityRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final Environment environment;
  private final ReportedProperties reported;
  private final Memory memory;
  private final GroupRunner runner;
  private final Supervisor supervisor;
  private final ModuleIdentities identities;
  private final Deployer deployer;
  private final Instant startedAt;

  private Optional<AutoCloseable> listening = Optional.empty();
  private Optional<Cancellable> wake = Optional.empty();
  private Optional<CompletableFuture<Void>> stopping = Optional.empty();

  // read by any thread
  private volatile Snapshot snapshot;

  /** In this environment; does nothing before {@link #start}. */
  public Agent(Environment environment, ReportedProperties reported) {
    this.environment = environment;
    this.reported = reported;
    memory = new Memory(environment.table());
    runner = new GroupRunner(environment.runtime(), environment.time(), this::enqueue);
    supervisor = new Supervisor(environment.runtime(), runner, memory, this::turn);
    identities = new ModuleIdentities(environment.time(), this::enqueue);
    deployer =
        new Deployer(environment, memory, supervisor, identities, this::enqueue, this::askForTurn);
    startedAt = environment.time().instant();
    snapshot =
        new Snapshot(
            0,
            new Outcome(Outcome.UNKNOWN, List.of()),
            Optional.empty(),
            List.of(),
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
      if (!deployer.resume(now())) {
        initialDeployment
            .flatMap(InitialDeployment::read)
            .ifPresent(manifest -> deployer.submit(Request.of(manifest)));
      }
    } catch (RuntimeException e) {
      AgentLog.unreadable(e);
    }
    AgentLog.started(deployer.settledNumber(), orderly);
    listening = Optional.of(environment.runtime().listen(module -> askForTurn()));
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
    deployer.submit(request);
    if (stopping.isPresent()) {
      deployer.stop();
    } else if (listening.isPresent()) {
      turn();
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

  @Override
  public CompletionStage<DryRun> dryRun(String manifest) {
    throw new UnsupportedOperationException("to come with the journal");
  }

  @Override
  public CompletionStage<DeployResult> undo() {
    throw new UnsupportedOperationException("to come with the journal");
  }

  @Override
  public CompletionStage<Boolean> cancel() {
    throw new UnsupportedOperationException("to come with the journal");
  }

  @Override
  public List<DeploymentRecord> history() {
    return List.of();
  }

  @Override
  public CompletionStage<Void> restart(String module) {
    throw new UnsupportedOperationException("to come with the journal");
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    return () -> {};
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
    try {
      environment.executor().execute(task);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  private void askForTurn() {
    enqueue(this::turn);
  }

  private void turn() {
    if (stopping.isPresent()) {
      return;
    }
    try {
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
    List<ModuleStatus> modules = supervisor.statuses(now);
    logChanges(snapshot.modules(), modules);
    snapshot =
        new Snapshot(
            deployer.settledNumber(),
            deployer.outcome(),
            deployer.deployment(),
            modules,
            startedAt,
            true);
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
    runner.stop();
    snapshot = snapshot.stopped(now());
    deployer.stop();
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
