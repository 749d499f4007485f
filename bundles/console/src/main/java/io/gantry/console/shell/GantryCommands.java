package io.gantry.console.shell;

import io.gantry.console.status.Events;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.console.status.StatusText;
import io.gantry.spi.upstream.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** What the shell's commands do: they return the text that the command line would print. */
public final class GantryCommands {

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
    if (gateway.deployments().isEmpty()) {
      return "the agent is not there\n";
    }
    try {
      return StatusText.deployed(
          gateway
              .deployments()
              .get()
              .deploy(Files.readString(Path.of(file)))
              .toCompletableFuture()
              .get());
    } catch (ExecutionException e) {
      throw new IllegalStateException("the agent failed on a manifest", e.getCause());
    }
  }
}
