package io.gantry.module.client.method;

import io.gantry.api.module.MethodHandler;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.module.client.whiteboard.Whiteboard;
import io.gantry.spi.execution.Threads;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Lets modules answer direct methods. */
public final class MethodHandlers implements AutoCloseable {

  private final Threads threads;
  private final InstantSource clock;
  private final ModuleConnections connections;
  private final Whiteboard<MethodHandler> whiteboard;

  // Owned by the executor of the whiteboard.
  private final Map<String, ModuleMethods> modules = new HashMap<>();

  public MethodHandlers(
      BundleContext context, Threads threads, InstantSource clock, ModuleConnections connections) {
    this.threads = threads;
    this.clock = clock;
    this.connections = connections;
    this.whiteboard =
        new Whiteboard<>(context, threads.serial("handlers of methods"), this::changed);
  }

  /** A handler came. Any thread. */
  public void added(ServiceReference<MethodHandler> reference) {
    whiteboard.added(reference);
  }

  /** A handler went. Any thread. */
  public void removed(ServiceReference<MethodHandler> reference) {
    whiteboard.removed(reference);
  }

  private void changed(String module, List<Candidate<MethodHandler>> candidates) {
    if (candidates.isEmpty()) {
      modules.remove(module).close();
      return;
    }
    modules
        .computeIfAbsent(
            module,
            name ->
                new ModuleMethods(
                    connections.use(name), threads.serial("methods of module " + name), clock))
        .serve(candidates);
  }

  @Override
  public void close() {
    whiteboard.close();
  }
}
