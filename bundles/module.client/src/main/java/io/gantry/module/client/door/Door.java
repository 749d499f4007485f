package io.gantry.module.client.door;

import io.gantry.api.message.Message;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.ModuleClient;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.method.ModuleCalls;
import io.gantry.module.client.output.ModuleOutput;
import io.gantry.module.client.twin.ModuleTwin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The client of one bundle. Does nothing more once the bundle has given it back. Any thread. */
final class Door implements ModuleClient {

  private static final String RELEASED = "its bundle has been stopped";

  private final Path folder;
  private final ModuleConnections.Use use;
  private final ModuleOutput output;
  private final ModuleTwin twin;
  private final ModuleCalls calls;
  private volatile boolean released;

  /**
   * @param use becomes ours
   */
  Door(Path folder, ModuleConnections.Use use, ModuleCalls calls) {
    this.folder = folder;
    this.use = use;
    this.output = new ModuleOutput(use.connection());
    this.twin = new ModuleTwin(use.connection());
    this.calls = calls;
  }

  void release() {
    released = true;
    use.close();
  }

  @Override
  public String moduleId() {
    return use.connection().module();
  }

  @Override
  public CompletionStage<Void> send(String outputName, Message message) {
    return released ? output.failed(RELEASED, false) : output.send(outputName, message);
  }

  @Override
  public CompletionStage<Twin> twin() {
    return released ? refused("Reading its twin") : twin.twin();
  }

  @Override
  public CompletionStage<Long> report(String patch) {
    return released ? refused("Reporting") : twin.report(patch);
  }

  @Override
  public CompletionStage<MethodResponse> invoke(
      String target, MethodRequest request, Duration timeout) {
    return released
        ? refused("Calling " + request.name() + " of " + target)
        : calls.invoke(target, request, timeout);
  }

  private <T> CompletionStage<T> refused(String what) {
    return CompletableFuture.failedFuture(
        new RequestException(503, what + " for module " + moduleId() + ": " + RELEASED));
  }

  @Override
  public Path storage() {
    try {
      return Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Cannot make the folder of module " + moduleId() + ", " + folder, failure);
    }
  }
}
