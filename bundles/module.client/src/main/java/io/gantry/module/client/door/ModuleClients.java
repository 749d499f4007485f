package io.gantry.module.client.door;

import io.gantry.api.module.ModuleClient;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.method.ModuleCalls;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.spi.module.ModuleLocation;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each module's bundle a client that speaks as that module and as nobody else. */
public final class ModuleClients implements ServiceFactory<ModuleClient> {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleClients.class);

  private final Path storage;
  private final ModuleConnections connections;
  private final ModuleCalls calls;
  private final Traffic traffic;

  /**
   * @param storage where modules have their folders; absolute
   */
  public ModuleClients(
      Path storage, ModuleConnections connections, ModuleCalls calls, Traffic traffic) {
    if (!storage.isAbsolute()) {
      throw new IllegalArgumentException("storage: expected an absolute path, found " + storage);
    }
    this.storage = storage;
    this.connections = connections;
    this.calls = calls;
    this.traffic = traffic;
  }

  @Override
  public @Nullable ModuleClient getService(
      Bundle bundle, ServiceRegistration<ModuleClient> registration) {
    Optional<ModuleLocation> module = ModuleLocation.parse(bundle.getLocation());
    if (module.isEmpty()) {
      LOG.warn(
          "{} asked for a ModuleClient: expected a bundle that was deployed as a module", bundle);
      return null;
    }
    traffic.came(module.get());
    String name = module.get().module();
    return new Door(storage.resolve(name), connections.use(name), calls);
  }

  @Override
  public void ungetService(
      Bundle bundle, ServiceRegistration<ModuleClient> registration, ModuleClient service) {
    if (service instanceof Door door) {
      door.release();
      ModuleLocation.parse(bundle.getLocation()).ifPresent(traffic::left);
    }
  }
}
