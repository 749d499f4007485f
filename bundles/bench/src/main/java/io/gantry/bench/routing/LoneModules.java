package io.gantry.bench.routing;

import io.gantry.api.module.Input;
import io.gantry.api.module.MessageHandler;
import io.gantry.api.module.ModuleClient;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.door.ModuleClients;
import io.gantry.module.client.input.Inputs;
import io.gantry.module.client.method.ModuleCalls;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.session.ClientGateway;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Modules in this JVM without a framework: what {@code module.client} asks of one is who a bundle
 * is and what a service reference holds, and it asks only when a handler comes, never for a
 * message.
 */
final class LoneModules implements AutoCloseable {

  private final Inputs inputs;
  private final ModuleConnections connections;
  private final ModuleClients clients;

  /**
   * @param storage where modules have their folders
   * @param endpoints takes the endpoints of inputs
   */
  LoneModules(
      Path storage,
      ClientGateway gateway,
      Threads threads,
      Scheduler scheduler,
      InstantSource clock,
      Consumer<Endpoint> endpoints) {
    Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, scheduler);
    inputs = new Inputs(context(endpoints), threads, clock, traffic, resumed -> {});
    connections = new ModuleConnections(() -> gateway, threads, scheduler, clock);
    clients = new ModuleClients(storage, connections, new ModuleCalls(() -> null), traffic);
  }

  /** The client of a module. */
  @SuppressWarnings("unchecked")
  ModuleClient client(String module) {
    return clients.getService(bundle(module), only(ServiceRegistration.class, Map.of()));
  }

  /** The module takes the messages of its input. */
  void handle(String module, String input, MessageHandler handler) {
    inputs.added(
        only(
            ServiceReference.class,
            Map.of(
                "getBundle", arguments -> bundle(module),
                "getProperty", name -> name[0].equals(Input.PROPERTY) ? input : handler)));
  }

  private static Bundle bundle(String module) {
    String location = new ModuleLocation(module, 1).toString();
    return only(Bundle.class, Map.of("getLocation", arguments -> location));
  }

  private static BundleContext context(Consumer<Endpoint> endpoints) {
    return only(
        BundleContext.class,
        Map.of(
            "getService",
            reference -> ((ServiceReference<?>) reference[0]).getProperty("handler"),
            "registerService",
            arguments -> {
              endpoints.accept((Endpoint) arguments[1]);
              return only(ServiceRegistration.class, Map.of("unregister", nothing -> null));
            }));
  }

  /** An object that answers these methods, and has no others. */
  private static <T> T only(Class<T> type, Map<String, Function<Object[], Object>> answers) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(self);
                  case "equals" -> self == arguments[0];
                  case "toString" -> type.getSimpleName();
                  default -> answers.get(method.getName()).apply(arguments);
                });
    return type.cast(proxy);
  }

  @Override
  public void close() {
    inputs.close();
    connections.close();
  }
}
