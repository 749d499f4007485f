package io.gantry.module.client.output;

import io.gantry.api.message.Message;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.SendException;
import io.gantry.api.module.Twin;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.session.ClientGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each module's bundle a client that speaks as that module and as nobody else. */
public final class ModuleClients implements ServiceFactory<ModuleClient>, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleClients.class);

  private final Path storage;
  private final Supplier<@Nullable ClientGateway> gateway;
  private final Map<String, Shared> outputs = new ConcurrentHashMap<>();

  private record Shared(ModuleOutput output, int users) {}

  /**
   * @param storage where modules have their folders; absolute
   * @param gateway gives the hub; null while it is not there
   */
  public ModuleClients(Path storage, Supplier<@Nullable ClientGateway> gateway) {
    if (!storage.isAbsolute()) {
      throw new IllegalArgumentException("storage: expected an absolute path, found " + storage);
    }
    this.storage = storage;
    this.gateway = gateway;
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
    String name = module.get().module();
    Shared shared =
        outputs.compute(
            name,
            (key, known) ->
                known == null
                    ? new Shared(new ModuleOutput(name, gateway), 1)
                    : new Shared(known.output, known.users + 1));
    return new Client(name, storage.resolve(name), shared.output);
  }

  @Override
  public void ungetService(
      Bundle bundle, ServiceRegistration<ModuleClient> registration, ModuleClient service) {
    if (service instanceof Client client) {
      client.released = true;
      outputs.computeIfPresent(client.module, (name, shared) -> released(shared));
    }
  }

  private static @Nullable Shared released(Shared shared) {
    if (shared.users > 1) {
      return new Shared(shared.output, shared.users - 1);
    }
    shared.output.close();
    return null;
  }

  @Override
  public void close() {
    outputs.values().forEach(shared -> shared.output.close());
    outputs.clear();
  }

  private static final class Client implements ModuleClient {

    private final String module;
    private final Path folder;
    private final ModuleOutput output;
    private volatile boolean released;

    Client(String module, Path folder, ModuleOutput output) {
      this.module = module;
      this.folder = folder;
      this.output = output;
    }

    @Override
    public String moduleId() {
      return module;
    }

    @Override
    public CompletionStage<Void> send(String outputName, Message message) {
      if (released) {
        return CompletableFuture.failedFuture(
            new SendException(
                "Sending a message of module " + module + ": its bundle has been stopped", false));
      }
      return output.send(outputName, message);
    }

    @Override
    public CompletionStage<Twin> twin() {
      return CompletableFuture.failedFuture(new RequestException(503, "there are no twins yet"));
    }

    @Override
    public CompletionStage<Long> report(String patch) {
      return CompletableFuture.failedFuture(new RequestException(503, "there are no twins yet"));
    }

    @Override
    public CompletionStage<MethodResponse> invoke(
        String target, MethodRequest request, Duration timeout) {
      return CompletableFuture.failedFuture(new RequestException(503, "there are no methods yet"));
    }

    @Override
    public Path storage() {
      try {
        return Files.createDirectories(folder);
      } catch (IOException failure) {
        throw new UncheckedIOException(
            "Cannot make the folder of module " + module + ", " + folder, failure);
      }
    }
  }
}
