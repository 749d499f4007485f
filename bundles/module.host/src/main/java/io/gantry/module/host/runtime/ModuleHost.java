package io.gantry.module.host.runtime;

import io.gantry.module.host.bundle.Call;
import io.gantry.module.host.bundle.Components;
import io.gantry.module.host.bundle.Installer;
import io.gantry.module.host.bundle.ModuleWalls;
import io.gantry.module.host.bundle.Starter;
import io.gantry.module.host.configuration.ModuleConfigurations;
import io.gantry.module.host.fetch.Lanes;
import io.gantry.module.host.forecast.Descriptions;
import io.gantry.module.host.forecast.Forecaster;
import io.gantry.module.host.health.HealthChecks;
import io.gantry.module.host.health.HealthRounds;
import io.gantry.module.host.repository.Supply;
import io.gantry.module.host.resolution.Preparation;
import io.gantry.module.host.resolution.Resolution;
import io.gantry.module.host.watch.FrameworkStart;
import io.gantry.module.host.watch.FrameworkWatch;
import io.gantry.module.host.watch.LeftThreads;
import io.gantry.module.host.watch.UncaughtExceptions;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleTraffic;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
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
      Threads threads,
      TableStore tables) {}

  private final SerialExecutor owner;
  private final Lanes fetcher;
  // of its own: who looks at a slow repository must not keep a deployment waiting
  private final Lanes looker;
  private final Supply supply;
  private final SerialExecutor examiner;
  private final HealthChecks checks = new HealthChecks();
  private final ServiceRegistration<ResolverHookFactory> hook;
  private final FrameworkStart start;
  private final FrameworkWatch watch;
  private final UncaughtExceptions uncaught;
  private final Supervision supervision;
  private final Modules modules;

  /** Takes up the work in a framework that holds no modules yet. */
  public ModuleHost(BundleContext context, HostSettings settings, Services services)
      throws IOException {
    fetcher = new Lanes(services.threads());
    looker = new Lanes(services.threads());
    supply =
        new Supply(
            settings.repositories(),
            settings.cache(),
            new Supply.Services(
                services.tables(), services.clock(), services.scheduler(), services.threads()),
            looker);
    ModuleWalls walls = new ModuleWalls();
    ModuleConfigurations configurations = new ModuleConfigurations(services.configurations());
    Components components = new Components(services.components());
    owner = services.threads().serial("module-host");
    examiner = services.threads().serial("module-health");
    start = new FrameworkStart(context);
    HostSettings.Limits limits = settings.limits();
    Scheduler scheduler = services.scheduler();
    Call.Maker calls = new Call.Maker(services.threads(), scheduler, limits.start());
    Installer installer =
        new Installer(context, supply.cache(), walls, configurations, calls, owner);
    CompletableFuture.completedFuture(null)
        .thenComposeAsync(begin -> installer.clean(), owner)
        .join();
    configurations.removeAll();
    OwnerTimer timer = new OwnerTimer(scheduler, owner);
    HealthRounds rounds =
        new HealthRounds(checks, limits.healthPeriod(), scheduler, owner, examiner);
    Books books = new Books();
    Traffic traffic = new Traffic(timer, limits.drain(), limits.start());
    Life life =
        new Life(
            new Starter(calls),
            new ComponentWait(components, timer, limits.start()),
            installer,
            new LeftThreads(context, scheduler),
            traffic,
            owner,
            books);
    supervision =
        new Supervision(
            books, life, traffic, components, rounds, services.clock(), limits.health(), owner);
    Preparation preparation =
        new Preparation(supply, new Resolution(context, services.resolver(), scheduler));
    modules =
        new Modules(
            new Modules.Parts(
                preparation,
                installer,
                books,
                life,
                traffic,
                supervision,
                new HealthWait(rounds, timer, limits.health()),
                timer,
                new Forecaster(context, services.components()),
                new Descriptions(preparation::jar),
                supply),
            start.reached(),
            owner,
            fetcher);
    hook = context.registerService(ResolverHookFactory.class, walls, null);
    watch = new FrameworkWatch(context, supervision);
    uncaught = new UncaughtExceptions(context, supervision::crashed);
  }

  /** The service. */
  public ModuleRuntime runtime() {
    return modules;
  }

  /** The service that tells of repositories. */
  public RepositoryRegistry repositories() {
    return supply.registry();
  }

  /** Who decides what modules are given; may come late, go, and come again. */
  public void use(ModuleTraffic traffic) {
    supervision.use(traffic);
  }

  /** It has gone. */
  public void leave(ModuleTraffic traffic) {
    supervision.leave(traffic);
  }

  /** Who executes health checks; may come late, go, and come again. */
  public void use(HealthCheckExecutor executor) {
    checks.use(executor);
    supervision.examinersChanged();
  }

  /** It has gone. */
  public void leave(HealthCheckExecutor executor) {
    checks.leave(executor);
  }

  /** Modules keep running; who comes after us starts anew with {@link Installer#clean}. */
  @Override
  public void close() {
    uncaught.close();
    watch.close();
    fetcher.close();
    looker.close();
    supply.close();
    examiner.close();
    owner.close();
    start.close();
    hook.unregister();
  }
}
