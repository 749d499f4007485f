package io.gantry.module.client;

import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.DesiredListener;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.MethodHandler;
import io.gantry.api.module.ModuleClient;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.door.ModuleClients;
import io.gantry.module.client.input.Inputs;
import io.gantry.module.client.method.MethodHandlers;
import io.gantry.module.client.method.ModuleCalls;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.twin.DesiredListeners;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.method.Methods;
import io.gantry.spi.module.ModuleTraffic;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.Router;
import io.gantry.spi.session.ClientGateway;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Lets modules of this JVM in: their handlers as endpoints, their messages through the hub's door.
 */
@Component(
    configurationPid = "io.gantry.module.client",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {})
public final class ModuleClientComponent {

  private static final Duration LONGEST_TIME_LIMIT = Duration.ofDays(1);

  /** What an operator may set. */
  @interface Config {
    /** Where modules have their folders. */
    String storage();

    /** After so long a handler that has not come back is said to hang; 0 for never. */
    long handlerTimeLimitSeconds() default 60;
  }

  private final AtomicReference<@Nullable ClientGateway> gateway = new AtomicReference<>();
  private final AtomicReference<@Nullable Methods> methods = new AtomicReference<>();
  private final AtomicReference<@Nullable Router> router = new AtomicReference<>();
  private final Traffic traffic;
  private final ModuleConnections connections;
  private final Inputs inputs;
  private final DesiredListeners desired;
  private final MethodHandlers handlers;
  private final ServiceRegistration<ModuleTraffic> trafficRegistration;
  private final ServiceRegistration<ModuleClient> registration;

  @Activate
  public ModuleClientComponent(
      Config config,
      BundleContext context,
      @Reference Threads threads,
      @Reference Scheduler scheduler,
      @Reference InstantSource clock) {
    traffic = new Traffic(timeLimit(config), threads, scheduler);
    connections = new ModuleConnections(gateway::get, threads, scheduler, clock);
    inputs = new Inputs(context, threads, clock, traffic, this::resume);
    desired = new DesiredListeners(context, threads, connections, traffic);
    handlers = new MethodHandlers(context, threads, clock, connections, traffic);
    ModuleClients clients =
        new ModuleClients(
            Path.of(config.storage()), connections, new ModuleCalls(methods::get), traffic);
    trafficRegistration = context.registerService(ModuleTraffic.class, traffic, null);
    registration = context.registerService(ModuleClient.class, clients, null);
  }

  private static Duration timeLimit(Config config) {
    long seconds = config.handlerTimeLimitSeconds();
    if (seconds < 0 || seconds > LONGEST_TIME_LIMIT.toSeconds()) {
      throw new IllegalArgumentException(
          "handlerTimeLimitSeconds: expected 0 to "
              + LONGEST_TIME_LIMIT.toSeconds()
              + ", found "
              + seconds);
    }
    return Duration.ofSeconds(seconds);
  }

  private void resume(EndpointAddress input) {
    Router present = router.get();
    if (present != null) {
      present.resume(input);
    }
  }

  @Deactivate
  void deactivate() {
    trafficRegistration.unregister();
    registration.unregister();
    inputs.close();
    desired.close();
    handlers.close();
    connections.close();
    traffic.close();
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindRouter(Router routes) {
    router.set(routes);
  }

  void unbindRouter(Router routes) {
    router.compareAndSet(routes, null);
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindGateway(ClientGateway hub) {
    gateway.set(hub);
    connections.hubCame();
  }

  void unbindGateway(ClientGateway hub) {
    gateway.compareAndSet(hub, null);
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  void bindMethods(Methods hub) {
    methods.set(hub);
  }

  void unbindMethods(Methods hub) {
    methods.compareAndSet(hub, null);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindHandler(ServiceReference<MessageHandler> handler) {
    inputs.added(handler);
  }

  void unbindHandler(ServiceReference<MessageHandler> handler) {
    inputs.removed(handler);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindAsyncHandler(ServiceReference<AsyncMessageHandler> handler) {
    inputs.added(handler);
  }

  void unbindAsyncHandler(ServiceReference<AsyncMessageHandler> handler) {
    inputs.removed(handler);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDesiredListener(ServiceReference<DesiredListener> listener) {
    desired.added(listener);
  }

  void unbindDesiredListener(ServiceReference<DesiredListener> listener) {
    desired.removed(listener);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindMethodHandler(ServiceReference<MethodHandler> handler) {
    handlers.added(handler);
  }

  void unbindMethodHandler(ServiceReference<MethodHandler> handler) {
    handlers.removed(handler);
  }
}
