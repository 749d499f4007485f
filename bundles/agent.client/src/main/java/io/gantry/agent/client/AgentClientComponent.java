package io.gantry.agent.client;

import io.gantry.agent.client.link.AgentLink;
import io.gantry.agent.client.link.Reporter;
import io.gantry.agent.client.method.AgentMethods;
import io.gantry.agent.client.method.Surroundings;
import io.gantry.agent.client.task.Tasks;
import io.gantry.agent.client.task.Uploads;
import io.gantry.agent.client.upload.BlobStore;
import io.gantry.agent.client.upload.Spool;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.log.ModuleLogs;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.session.ClientGateway;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Lets the agent be a client of the hub, whichever of the two comes first. */
@Component(
    configurationPid = "io.gantry.agent.client",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {})
public final class AgentClientComponent {

  /** What an operator may set. */
  @interface Config {
    /** Where files stand until they are uploaded. */
    String spool();

    /** Bound of one of them. */
    long spoolBytes() default 256L << 20;
  }

  private final SerialExecutor executor;
  private final SerialExecutor reading;
  private final SerialExecutor uploading;
  private final Surroundings surroundings = new Surroundings();
  private final AgentLink link;
  private final Map<Deployments, AutoCloseable> agents = new ConcurrentHashMap<>();

  @Activate
  public AgentClientComponent(
      Config config,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock,
      @Reference Metrics metrics) {
    executor = threads.serial("agent client");
    reading = threads.serial("agent methods");
    uploading = threads.serial("agent uploads");
    Spool spool = new Spool(Path.of(config.spool()), config.spoolBytes());
    uploading.execute(spool::clear);
    Tasks tasks = new Tasks();
    Uploads uploads =
        new Uploads(uploading, tasks, spool, () -> new BlobStore(uploading, scheduler));
    // The name as IoT Edge has it: with a small letter, and without the ending of a counter.
    Counter invocations =
        metrics.counter(
            "edgeagent_direct_method_invocations_count",
            "Calls of the direct methods of the agent.",
            "method_name");
    AgentMethods methods =
        new AgentMethods(surroundings, tasks, uploads, clock, invocations, executor, reading);
    Reporter reporter = new Reporter(executor, scheduler);
    link = new AgentLink(executor, scheduler, clock, reporter, methods::invoke);
  }

  @Deactivate
  void deactivate() {
    link.close();
    executor.close();
    reading.close();
    uploading.close();
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindHub(ClientGateway hub) {
    surroundings.setHub(hub);
    link.hubCame(hub);
  }

  void unbindHub(ClientGateway hub) {
    surroundings.hubGone(hub);
    link.hubGone(hub);
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindAgent(Deployments agent) {
    surroundings.setAgent(agent);
    agents.put(agent, link.agentCame(agent));
  }

  void unbindAgent(Deployments agent) throws Exception {
    surroundings.agentGone(agent);
    AutoCloseable listening = agents.remove(agent);
    if (listening != null) {
      listening.close();
    }
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindLogs(ModuleLogs logs) {
    surroundings.setLogs(logs);
  }

  void unbindLogs(ModuleLogs logs) {
    surroundings.logsGone(logs);
  }
}
