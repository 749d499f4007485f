package io.gantry.agent;

import io.gantry.agent.loop.Agent;
import io.gantry.agent.loop.Environment;
import io.gantry.agent.metric.AgentMetrics;
import io.gantry.agent.report.Build;
import io.gantry.agent.report.ReportedProperties;
import io.gantry.spi.deployment.DeployResult;
import io.gantry.spi.deployment.DeploymentRecord;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.deployment.DryRun;
import io.gantry.spi.deployment.HubConfiguration;
import io.gantry.spi.deployment.ModuleReport;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.module.DropIns;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.security.Vault;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.store.TableStore;
import io.gantry.spi.twin.Twins;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Offers the agent. The configuration is required: an agent that begins without and is begun again
 * with it would take the moment between for an orderly stop.
 */
@Component(
    configurationPid = "io.gantry.agent",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    immediate = true)
public final class AgentComponent implements Deployments {

  private final Agent agent;

  @Activate
  public AgentComponent(
      AgentConfiguration configuration,
      @Reference ModuleRuntime runtime,
      @Reference HubConfiguration hub,
      @Reference TableStore tables,
      @Reference Vault vault,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource time,
      @Reference Metrics metrics) {
    Build build = Build.ofThisBundle();
    Environment environment =
        new Environment(
            runtime,
            hub,
            tables.table("agent"),
            vault,
            threads.serial("agent"),
            scheduler,
            time,
            new AgentMetrics(metrics, time, build.version()));
    agent = new Agent(environment, ReportedProperties.ofThisPlatform(build));
    agent.start(AgentSettings.of(configuration).initialDeployment());
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindIdentities(IdentityRegistry registry) {
    agent.use(registry);
  }

  void unbindIdentities(IdentityRegistry registry) {
    agent.lose(registry);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindTwins(Twins twins) {
    agent.use(twins);
  }

  void unbindTwins(Twins twins) {
    agent.lose(twins);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindGateway(ClientGateway gateway) {
    agent.ofDevice(gateway.deviceId());
  }

  void unbindGateway(ClientGateway gateway) {
    // The device stays the same.
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindDropIns(DropIns dropIns) {
    agent.use(dropIns);
  }

  void unbindDropIns(DropIns dropIns) {
    agent.lose(dropIns);
  }

  @Deactivate
  void deactivate() throws InterruptedException {
    agent.close();
  }

  @Override
  public CompletionStage<DeployResult> deploy(String manifest) {
    return agent.deploy(manifest);
  }

  @Override
  public CompletionStage<DryRun> dryRun(String manifest) {
    return agent.dryRun(manifest);
  }

  @Override
  public CompletionStage<DeployResult> undo() {
    return agent.undo();
  }

  @Override
  public CompletionStage<Boolean> cancel() {
    return agent.cancel();
  }

  @Override
  public List<DeploymentRecord> history() {
    return agent.history();
  }

  @Override
  public CompletionStage<Void> restart(String module) {
    return agent.restart(module);
  }

  @Override
  public AutoCloseable listen(Runnable changed) {
    return agent.listen(changed);
  }

  @Override
  public List<ModuleReport> modules() {
    return agent.modules();
  }

  @Override
  public String reported() {
    return agent.reported();
  }
}
