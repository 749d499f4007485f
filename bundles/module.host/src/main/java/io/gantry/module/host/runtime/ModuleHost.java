package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Installer;
import io.gantry.module.host.bundle.ModuleWalls;
import io.gantry.module.host.bundle.Starter;
import io.gantry.module.host.configuration.ModuleConfigurations;
import io.gantry.module.host.repository.Cache;
import io.gantry.module.host.repository.Records;
import io.gantry.module.host.repository.Repositories;
import io.gantry.module.host.resolution.Preparation;
import io.gantry.module.host.resolution.Resolution;
import io.gantry.module.host.watch.FrameworkStart;
import io.gantry.module.host.watch.FrameworkWatch;
import io.gantry.module.host.watch.UncaughtExceptions;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleRuntime;
import java.io.IOException;
import java.time.InstantSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.resolver.Resolver;

/** Puts the parts together; used by the component and by tests in a real framework. */
public final class ModuleHost implements AutoCloseable {

  /** The services that the host takes. */
  public record Services(
      ConfigurationAdmin configurations,
      ServiceComponentRuntime components,
      Resolver resolver,
      InstantSource clock,
      Scheduler scheduler,
      Threads threads) {}

  private final SerialExecutor owner;
  private final SerialExecutor fetcher;
  private final ServiceRegistration<ResolverHookFactory> hook;
  private final FrameworkStart start;
  private final FrameworkWatch watch;
  private final UncaughtExceptions uncaught;
  private final Modules modules;

  /** Takes up the work in a framework that holds no modules yet. */
  public ModuleHost(BundleContext context, HostSettings settings, Services services)
      throws IOException {
    Cache cache = new Cache(settings.cache());
    Records records = new Records(cache);
    ModuleWalls walls = new ModuleWalls();
    ModuleConfigurations configurations = new ModuleConfigurations(services.configurations());
    Installer installer = new Installer(context, cache, walls, configurations);
    installer.clean();
    Components components = new Components(services.components());
    owner = services.threads().serial("module-host");
    fetcher = services.threads().serial("module-fetch");
    start = new FrameworkStart(context);
    modules =
        new Modules(
            new Modules.Parts(
                new Preparation(
                    new Repositories(settings.repositories()),
                    cache,
                    records,
                    new Resolution(context, services.resolver())),
                installer,
                new Starter(
                    new Call.Maker(
                        services.threads(), services.scheduler(), settings.startTimeLimit())),
                components,
                new ComponentWait(
                    components,
                    services.clock(),
                    services.scheduler(),
                    owner,
                    settings.startTimeLimit()),
                cache,
                records),
            start.reached(),
            owner,
            fetcher);
    hook = context.registerService(ResolverHookFactory.class, walls, null);
    watch = new FrameworkWatch(context, modules);
    uncaught = new UncaughtExceptions(context, modules::crashed);
  }

  /** The service. */
  public ModuleRuntime runtime() {
    return modules;
  }

  /** Modules keep running; who comes after us starts anew with {@link Installer#clean}. */
  @Override
  public void close() {
    uncaught.close();
    watch.close();
    fetcher.close();
    owner.close();
    start.close();
    hook.unregister();
  }
}
