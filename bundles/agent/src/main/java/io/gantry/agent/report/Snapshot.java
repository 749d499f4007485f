package io.gantry.agent.report;

import io.gantry.agent.manifest.Deployment;
import io.gantry.agent.run.ModuleStatus;
import io.gantry.agent.run.StatusWord;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.ModuleReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that is reported, at one moment; ready to be read by any thread.
 *
 * @param number of the last deployment that was attempted; 0 before the first
 * @param outcome of it, or of the manifest refused since
 * @param deployment in force
 * @param modules declared and present, by name
 * @param history of deployments, newest first
 * @param heartbeat when the agent was last known to be at work; moves every few minutes
 * @param startedAt when the agent was started
 * @param runs whether the agent runs
 */
public record Snapshot(
    long number,
    Outcome outcome,
    Optional<Deployment> deployment,
    List<ModuleStatus> modules,
    List<DeploymentRecord> history,
    Instant startedAt,
    Instant heartbeat,
    boolean runs) {

  public Snapshot {
    modules = List.copyOf(modules);
    history = List.copyOf(history);
  }

  /** For operators. */
  public List<ModuleReport> reports() {
    return modules.stream().map(Snapshot::report).toList();
  }

  /** Whether a module shall run though the manifest does not declare it. */
  boolean isDroppedIn(ModuleStatus module) {
    return module.desired().isPresent()
        && deployment.filter(known -> known.modules().containsKey(module.name())).isEmpty();
  }

  /** As it is when the agent has stopped. */
  public Snapshot stopped(Instant now) {
    return new Snapshot(
        number,
        new Outcome(Outcome.UNKNOWN, List.of("Agent is not running")),
        deployment,
        modules.stream().map(module -> module.unknown(now)).toList(),
        history,
        startedAt,
        now,
        false);
  }

  /** One that was replaced or restarted has been running all the time, but not what runs now. */
  private static Instant since(ModuleStatus module) {
    return module
        .trail()
        .lastStart()
        .filter(start -> module.word() == StatusWord.RUNNING && start.isAfter(module.since()))
        .orElse(module.since());
  }

  private static ModuleReport report(ModuleStatus module) {
    return new ModuleReport(
        module.name(),
        module.word().word(),
        module.installed().map(prepared -> prepared.version()),
        Optional.of(since(module)),
        module.history().restarts(),
        module.trail().lastError(),
        module.image(),
        module.description());
  }
}
