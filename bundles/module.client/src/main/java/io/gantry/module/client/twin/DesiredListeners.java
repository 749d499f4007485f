package io.gantry.module.client.twin;

import io.gantry.api.module.DesiredListener;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Line;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.module.client.whiteboard.Whiteboard;
import io.gantry.spi.execution.Threads;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells modules of changes of their desired properties: the generation of each that serves. */
public final class DesiredListeners implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DesiredListeners.class);

  private final Threads threads;
  private final ModuleConnections connections;
  private final Traffic traffic;
  private final Whiteboard<DesiredListener> whiteboard;

  // Owned by the executor of the whiteboard.
  private final Map<String, DesiredChanges> modules = new HashMap<>();

  public DesiredListeners(
      BundleContext context, Threads threads, ModuleConnections connections, Traffic traffic) {
    this.threads = threads;
    this.connections = connections;
    this.traffic = traffic;
    this.whiteboard =
        new Whiteboard<>(
            context,
            threads,
            "listeners of desired properties",
            traffic,
            "A listener to desired properties",
            this::changed);
  }

  /** A listener came. Any thread. */
  public void added(ServiceReference<DesiredListener> reference) {
    whiteboard.added(reference);
  }

  /** A listener went. Any thread. */
  public void removed(ServiceReference<DesiredListener> reference) {
    whiteboard.removed(reference);
  }

  private void changed(
      String module,
      List<Candidate<DesiredListener>> mayServe,
      List<Candidate<DesiredListener>> waiting,
      Optional<Candidate<DesiredListener>> gone) {
    if (mayServe.isEmpty() && waiting.isEmpty()) {
      modules.remove(module).close();
      return;
    }
    List<Candidate<DesiredListener>> serving = newest(mayServe);
    if (mayServe.size() > serving.size()) {
      LOG.info(
          "Module {} has {} listeners to desired properties; told are the {} of generation {}",
          module,
          mayServe.size(),
          serving.size(),
          serving.get(0).generation());
    }
    DesiredChanges changes =
        modules.computeIfAbsent(
            module,
            name ->
                new DesiredChanges(
                    connections.use(name),
                    new Line(threads, "desired properties of module " + name),
                    traffic));
    changes.serve(serving);
    gone.ifPresent(changes::gone);
  }

  private static List<Candidate<DesiredListener>> newest(List<Candidate<DesiredListener>> all) {
    return all.stream()
        .filter(candidate -> candidate.generation() == all.get(0).generation())
        .toList();
  }

  @Override
  public void close() {
    whiteboard.close();
  }
}
