package io.gantry.console.shell;

import io.gantry.console.status.DeploymentFacts;
import io.gantry.console.status.Events;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.status.StatusText;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.execution.Stages;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** What the shell's commands do: they return the text that the command line would print. */
public final class GantryCommands {

  private static final String NO_AGENT = "the agent is not there\n";

  private final Gateway gateway;
  private final ProcessFacts process;

  /** For this gateway. */
  public GantryCommands(Gateway gateway, ProcessFacts process) {
    this.gateway = gateway;
    this.process = process;
  }

  /** What runs, where it listens, what waits. */
  public String status() {
    return StatusText.status(gateway, process, Map.of());
  }

  /** The modules. */
  public String list() {
    return StatusText.modules(gateway, process.now());
  }

  /** The newest events, the oldest of them first. */
  public String events(int count) throws IOException {
    StringBuilder text = new StringBuilder();
    if (gateway.events().isPresent()) {
      EventLog log = gateway.events().get();
      long from = Math.max(log.first(), log.next() - count);
      for (EventLog.Event event : log.read(from, count)) {
        text.append(Events.text(event)).append('\n');
      }
    }
    return text.toString();
  }

  /** Makes the manifest in a file the desired state. */
  public String deploy(String file) throws IOException, InterruptedException {
    Optional<Deployments> agent = gateway.deployments();
    return agent.isEmpty()
        ? NO_AGENT
        : told(agent.get(), agent.get().deploy(Files.readString(Path.of(file))));
  }

  /** The deployments that are remembered. */
  public String history() {
    return gateway
        .deployments()
        .map(agent -> DeploymentFacts.table(agent.history(), ZoneId.systemDefault()))
        .orElse(NO_AGENT);
  }

  /** Goes back to the deployment before the present one. */
  public String undo() throws InterruptedException {
    Optional<Deployments> agent = gateway.deployments();
    return agent.isEmpty() ? NO_AGENT : told(agent.get(), agent.get().undo());
  }

  private static String told(Deployments agent, CompletionStage<DeployResult> stage)
      throws InterruptedException {
    return DeploymentFacts.outcome(outcome(stage), agent.history());
  }

  /** Stops a module and starts it again. */
  public String restart(String module) throws InterruptedException {
    Optional<Deployments> agent = gateway.deployments();
    if (agent.isEmpty()) {
      return NO_AGENT;
    }
    return outcome(
        agent
            .get()
            .restart(module)
            .handle(
                (done, error) ->
                    error == null
                        ? "restarted " + module + "\n"
                        : "not restarted: " + reason(error) + "\n"));
  }

  private static String reason(Throwable error) {
    return String.valueOf(Stages.cause(error).getMessage());
  }

  private static <T> T outcome(CompletionStage<T> stage) throws InterruptedException {
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the agent failed", e.getCause());
    }
  }
}
