package io.gantry.console;

import io.gantry.console.management.ManagementServer;
import io.gantry.console.management.ManagementSettings;
import io.gantry.console.status.Gateway;
import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.execution.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The management API, as long as the bundle runs. */
@Component(
    service = {},
    immediate = true,
    configurationPid = ConsoleConfig.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ManagementComponent {

  private final ManagementServer server;

  /** Made by Declarative Services. */
  @Activate
  public ManagementComponent(
      BundleContext context,
      ConsoleConfig config,
      @Reference Gateway gateway,
      @Reference Threads threads,
      @Reference InstantSource time)
      throws IOException {
    server =
        ManagementServer.start(
            new ManagementSettings(
                config.host(),
                config.port(),
                Path.of(config.run()),
                Optional.of(config.metricsToken()).filter(file -> !file.isBlank()).map(Path::of)),
            gateway,
            new ProcessFacts(context.getBundle().getVersion().toString(), time),
            threads,
            () -> stop(context));
  }

  private static void stop(BundleContext context) {
    try {
      context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
    } catch (BundleException e) {
      throw new IllegalStateException("the framework refused to stop", e);
    }
  }

  @Deactivate
  void close() throws IOException {
    server.close();
  }
}
