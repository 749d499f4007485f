package io.gantry.module.host;

import io.gantry.module.host.repository.RepositorySettings;
import io.gantry.module.host.runtime.HostSettings;
import io.gantry.module.host.runtime.ModuleHost;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.FetchProgress;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.ModuleForecast;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleListener;
import io.gantry.spi.module.ModuleMove;
import io.gantry.spi.module.ModuleRuntime;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleTraffic;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.RepositoryLogin;
import io.gantry.spi.module.RepositoryRegistry;
import io.gantry.spi.store.TableStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.resolver.Resolver;

/** Provides the module runtime. */
@Component(
    service = {ModuleRuntime.class, ModuleHostComponent.class},
    configurationPid = "io.gantry.module.host",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ModuleHostComponent.Config.class)
public final class ModuleHostComponent implements ModuleRuntime {

  /** Settings under {@code io.gantry.module.host}. */
  @ObjectClassDefinition(name = "Gantry module host")
  public @interface Config {
    @AttributeDefinition(
        description =
            "Indexes or folders of bundles, in order of preference; with ;signed behind it: its"
                + " jars must be signed")
    String[] repositories() default {};

    @AttributeDefinition(description = "PEM files of those who may sign jars, or vouch for such")
    String[] trustedSigners() default {};

    @AttributeDefinition(
        description = "PEM files of authorities that vouch for repositories, beside Java's own")
    String[] repositoryAuthorities() default {};

    @AttributeDefinition(description = "How long a repository may send nothing")
    int stallTimeLimitSeconds() default 30;

    @AttributeDefinition(description = "Folder whose jars become modules; empty for none")
    String dropIns() default "";

    @AttributeDefinition(description = "Folder of the downloaded bundles; an absolute path")
    String cache();

    @AttributeDefinition(description = "How long a module may take to start or to stop")
    int startTimeLimitSeconds() default 30;

    @AttributeDefinition(
        description = "How long a new version may take to become healthy before it is dropped")
    int healthTimeLimitSeconds() default 30;

    @AttributeDefinition(
        description = "How long a module may take to answer what it was given before it is stopped")
    int drainTimeLimitSeconds() default 10;

    @AttributeDefinition(description = "How often health checks are executed; 0: never")
    int healthPeriodSeconds() default 10;
  }

  private final ModuleHost host;

  @Activate
  public ModuleHostComponent(
      Config config,
      BundleContext context,
      @Reference ConfigurationAdmin configurations,
      @Reference ServiceComponentRuntime components,
      @Reference Resolver resolver,
      @Reference InstantSource clock,
      @Reference Scheduler scheduler,
      @Reference Threads threads,
      @Reference TableStore tables)
      throws IOException {
    HostSettings settings =
        new HostSettings(
            repositories(config),
            Path.of(config.cache()),
            new HostSettings.Limits(
                Duration.ofSeconds(config.startTimeLimitSeconds()),
                Duration.ofSeconds(config.healthTimeLimitSeconds()),
                Duration.ofSeconds(config.drainTimeLimitSeconds()),
                Duration.ofSeconds(config.healthPeriodSeconds())));
    host =
        new ModuleHost(
            context,
            settings,
            new ModuleHost.Services(
                configurations, components, resolver, clock, scheduler, threads, tables));
  }

  private static RepositorySettings repositories(Config config) {
    return new RepositorySettings(
        Stream.of(config.repositories()).map(RepositorySettings::entry).toList(),
        Duration.ofSeconds(config.stallTimeLimitSeconds()),
        Stream.of(config.trustedSigners()).map(Path::of).toList(),
        Stream.of(config.repositoryAuthorities()).map(Path::of).toList(),
        Optional.of(config.dropIns()).filter(folder -> !folder.isBlank()).map(Path::of));
  }

  /** For the component beside this one. */
  RepositoryRegistry repositories() {
    return host.repositories();
  }

  @Deactivate
  void deactivate() {
    host.close();
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindTraffic(ModuleTraffic traffic) {
    host.use(traffic);
  }

  void unbindTraffic(ModuleTraffic traffic) {
    host.leave(traffic);
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindExecutor(HealthCheckExecutor executor) {
    host.use(executor);
  }

  void unbindExecutor(HealthCheckExecutor executor) {
    host.leave(executor);
  }

  @Override
  public List<InstalledModule> modules() {
    return host.runtime().modules();
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(ModuleSpec spec, List<RepositoryLogin> logins) {
    return host.runtime().forecast(spec, logins);
  }

  @Override
  public CompletionStage<ModuleForecast> forecast(PreparedModule module) {
    return host.runtime().forecast(module);
  }

  @Override
  public CompletionStage<List<List<Disturbance>>> disturbances(List<ModuleMove> moves) {
    return host.runtime().disturbances(moves);
  }

  @Override
  public CompletableFuture<PreparedModule> prepare(
      ModuleSpec spec, List<RepositoryLogin> logins, FetchProgress progress) {
    return host.runtime().prepare(spec, logins, progress);
  }

  @Override
  public CompletionStage<Void> install(PreparedModule module) {
    return host.runtime().install(module);
  }

  @Override
  public CompletionStage<Boolean> holds(PreparedModule module) {
    return host.runtime().holds(module);
  }

  @Override
  public CompletionStage<Void> swap(PreparedModule module) {
    return host.runtime().swap(module);
  }

  @Override
  public void retain(Collection<PreparedModule> modules) {
    host.runtime().retain(modules);
  }

  @Override
  public void use(List<RepositoryLogin> logins) {
    host.runtime().use(logins);
  }

  @Override
  public CompletionStage<Void> start(String name) {
    return host.runtime().start(name);
  }

  @Override
  public CompletionStage<Void> stop(String name) {
    return host.runtime().stop(name);
  }

  @Override
  public CompletionStage<Void> remove(String name) {
    return host.runtime().remove(name);
  }

  @Override
  public AutoCloseable listen(ModuleListener listener) {
    return host.runtime().listen(listener);
  }
}
