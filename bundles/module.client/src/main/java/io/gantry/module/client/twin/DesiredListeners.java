package io.gantry.module.client.twin;

import io.gantry.api.module.DesiredListener;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.module.client.whiteboard.Whiteboard;
import io.gantry.spi.execution.Threads;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells modules of changes of their desired properties: the newest generation of each. */
public final class DesiredListeners implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DesiredListeners.class);

  private final Threads threads;
  private final ModuleConnections connections;
  private final Whiteboard<DesiredListener> whiteboard;

  // Owned by the executor of the whiteboard.
  private final Map<String, DesiredChanges> modules = new HashMap<>();

  public DesiredListeners(BundleContext context, Threads threads, ModuleConnections connections) {
    this.threads = threads;
    this.connections = connections;
    this.whiteboard =
        new Whiteboard<>(context, threads.serial("listeners of desired properties"), this::changed);
  }

  /** A listener came. Any thread. */
  public void added(ServiceReference<DesiredListener> reference) {
    whiteboard.added(reference);
  }

  /** A listener went. Any thread. */
  public void removed(ServiceReference<DesiredListener> reference) {
    whiteboard.removed(reference);
  }

  private void changed(String module, List<Candidate<DesiredListener>> candidates) {
    if (candidates.isEmpty()) {
      modules.remove(module).close();
      return;
    }
    long newest = candidates.get(0).generation();
    List<Candidate<DesiredListener>> serving =
        candidates.stream().filter(candidate -> candidate.generation() == newest).toList();
    if (candidates.size() > 1) {
      LOG.info(
          "Module {} has {} listeners to desired properties; told are the {} of generation {}",
          module,
          candidates.size(),
          serving.size(),
          newest);
    }
    modules
        .computeIfAbsent(
            module,
            name ->
                new DesiredChanges(
                    connections.use(name), threads.serial("desired properties of module " + name)))
        .serve(serving);
  }

  @Override
  public void close() {
    whiteboard.close();
  }
}
