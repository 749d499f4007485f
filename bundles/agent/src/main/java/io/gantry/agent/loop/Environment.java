package io.gantry.agent.loop;

import io.gantry.agent.metric.AgentMetrics;
import io.gantry.agent.metric.MeasuredRuntime;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.security.Vault;
import io.gantry.spi.store.Table;
import java.time.InstantSource;

/**
 * What the agent works with.
 *
 * @param runtime the modules
 * @param hub the hub's half of deployments
 * @param table the agent's own; what must outlive the process
 * @param vault seals manifests, which hold secrets
 * @param executor the agent's own; closed with it
 * @param scheduler delays
 * @param time the clock
 * @param metrics what monitoring reads
 */
public record Environment(
    ModuleRuntime runtime,
    HubConfiguration hub,
    Table table,
    Vault vault,
    SerialExecutor executor,
    Scheduler scheduler,
    InstantSource time,
    AgentMetrics metrics) {

  /** The same, in which every step of the runtime is counted. */
  Environment measured() {
    return new Environment(
        new MeasuredRuntime(runtime, metrics),
        hub,
        table,
        vault,
        executor,
        scheduler,
        time,
        metrics);
  }
}
