package io.gantry.module.client.method;

import io.gantry.api.module.MethodHandler;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Line;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.module.client.whiteboard.Whiteboard;
import io.gantry.spi.execution.Threads;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      BundleContext context,
      Threads threads,
      InstantSource clock,
      ModuleConnections connections,
      Traffic traffic) {
    this.threads = threads;
    this.clock = clock;
    this.connections = connections;
    this.whiteboard =
        new Whiteboard<>(
            context,
            threads,
            "handlers of methods",
            traffic,
            "A handler of methods",
            this::changed);
  }

  /** A handler came. Any thread. */
  public void added(ServiceReference<MethodHandler> reference) {
    whiteboard.added(reference);
  }

  /** A handler went. Any thread. */
  public void removed(ServiceReference<MethodHandler> reference) {
    whiteboard.removed(reference);
  }

  private void changed(
      String module,
      List<Candidate<MethodHandler>> serving,
      List<Candidate<MethodHandler>> waiting,
      Optional<Candidate<MethodHandler>> gone) {
    if (serving.isEmpty() && waiting.isEmpty()) {
      modules.remove(module).close();
      return;
    }
    ModuleMethods methods =
        modules.computeIfAbsent(
            module,
            name ->
                new ModuleMethods(
                    connections.use(name), new Line(threads, "methods of module " + name), clock));
    methods.serve(serving);
    gone.ifPresent(methods::gone);
  }

  @Override
  public void close() {
    whiteboard.close();
  }
}
