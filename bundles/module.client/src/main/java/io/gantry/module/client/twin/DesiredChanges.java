package io.gantry.module.client.twin;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.DesiredListener;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.routing.Delivery;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the changes of one module's desired properties to its listeners, on an executor of its own.
 * A change is accepted when all have returned; the hub hands over what was not with the next one.
 */
final class DesiredChanges implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DesiredChanges.class);

  private final ModuleConnections.Use use;
  private final SerialExecutor executor;
  private volatile List<Candidate<DesiredListener>> listeners = List.of();

  /**
   * @param use becomes ours
   * @param executor becomes ours
   */
  DesiredChanges(ModuleConnections.Use use, SerialExecutor executor) {
    this.use = use;
    this.executor = executor;
  }

  /** From now on these are told. Called by one thread at a time. */
  void serve(List<Candidate<DesiredListener>> now) {
    Set<ServiceReference<DesiredListener>> known = new HashSet<>();
    listeners.forEach(candidate -> known.add(candidate.reference()));
    boolean more = now.stream().anyMatch(candidate -> !known.contains(candidate.reference()));
    listeners = now;
    if (more) {
      use.connection().listen(this::changed);
    }
  }

  private CompletionStage<Delivery> changed(DesiredChange change) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    try {
      executor.execute(() -> answer.complete(tell(change)));
    } catch (RejectedExecutionException gone) {
      answer.complete(Delivery.Absent.INSTANCE);
    }
    return answer;
  }

  private Delivery tell(DesiredChange change) {
    List<Candidate<DesiredListener>> all = listeners;
    if (all.isEmpty()) {
      return Delivery.Absent.INSTANCE;
    }
    boolean accepted = true;
    for (Candidate<DesiredListener> listener : all) {
      accepted &= tell(listener, change);
    }
    return accepted ? Delivery.Accepted.INSTANCE : new Delivery.Retry("a listener failed");
  }

  private boolean tell(Candidate<DesiredListener> listener, DesiredChange change) {
    try {
      return listener.call(
          service -> {
            service.onDesired(change);
            return true;
          });
    } catch (Throwable failure) {
      LOG.warn(
          "Module {} did not take version {} of its desired properties; it comes again with the"
              + " next one, or when a listener is registered anew",
          use.connection().module(),
          change.version(),
          failure);
      return false;
    }
  }

  /** Nobody is told any more. Waits for nobody: a listener may hang. */
  @Override
  public void close() {
    listeners = List.of();
    use.connection().listen(null);
    use.close();
    executor.execute(executor::close);
  }
}
