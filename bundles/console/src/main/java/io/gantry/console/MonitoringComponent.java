package io.gantry.console;

import io.gantry.console.host.CpuWatch;
import io.gantry.console.host.HostMetrics;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings.Readout;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Lets monitoring see the machine and this process. */
@Component(
    service = {},
    immediate = true,
    configurationPid = ConsoleConfig.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class MonitoringComponent {

  private final HostMetrics host;
  private final CpuWatch cpu;
  private final Cancellable bundles;

  /** Made by Declarative Services. */
  @Activate
  public MonitoringComponent(
      BundleContext context,
      ConsoleConfig config,
      @Reference Metrics metrics,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource time) {
    ProcessFacts process = new ProcessFacts(context.getBundle().getVersion().toString(), time);
    host = new HostMetrics(metrics, process, Path.of(config.run()));
    cpu = new CpuWatch(metrics, HostMetrics::cpu, threads.serial("cpu"), scheduler, time);
    bundles =
        metrics.readGauge(
            "gantry_bundles", "Bundles in the framework.", to -> tell(context, to), "state");
  }

  private static void tell(BundleContext context, Readout to) {
    Bundle[] all = context.getBundles();
    long active = Arrays.stream(all).filter(one -> one.getState() == Bundle.ACTIVE).count();
    to.value(active, "active");
    to.value(all.length - active, "other");
  }

  @Deactivate
  void deactivate() {
    bundles.cancel();
    cpu.close();
    host.close();
  }
}
