package io.gantry.module.client.twin;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.DesiredListener;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Call;
import io.gantry.module.client.traffic.Line;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.Candidate;
import io.gantry.spi.routing.Delivery;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the changes of one module's desired properties to its listeners, in a line of its own. A
 * change is accepted when all have returned; the hub hands over what was not with the next one.
 *
 * <p>While a newer generation is there that does not serve yet, what the serving one accepts is
 * kept: the newer one may have read the twin before, and is told when it takes over.
 */
final class DesiredChanges implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DesiredChanges.class);

  /** A successor that needs longer than this many changes to take over gets the last ones. */
  private static final int MOST_MISSED = 64;

  private final ModuleConnections.Use use;
  private final Line line;
  private final Traffic traffic;
  private volatile List<Candidate<DesiredListener>> listeners = List.of();

  // Owned by the line.
  private final Deque<DesiredChange> missed = new ArrayDeque<>();
  private final Deque<DesiredChange> owed = new ArrayDeque<>();
  private long told;

  private enum Outcome {
    TAKEN,
    FAILED,
    /** Others are to be told by now; this one was not. */
    OTHERS
  }

  /**
   * @param use becomes ours
   * @param line becomes ours
   */
  DesiredChanges(ModuleConnections.Use use, Line line, Traffic traffic) {
    this.use = use;
    this.line = line;
    this.traffic = traffic;
  }

  /**
   * From now on these, of one generation, are told; changes come later if there is none. Called by
   * one thread at a time.
   */
  void serve(List<Candidate<DesiredListener>> now) {
    Set<ServiceReference<DesiredListener>> known = new HashSet<>();
    listeners.forEach(candidate -> known.add(candidate.reference()));
    boolean more = now.stream().anyMatch(candidate -> !known.contains(candidate.reference()));
    boolean none = now.isEmpty() && !listeners.isEmpty();
    listeners = now;
    if (more) {
      line.execute(() -> new Telling().catchUp());
    }
    if (more || none) {
      use.connection().listen(more ? this::changed : null);
    }
  }

  /** One that is told no more is not there any more; nobody waits for it if it hangs. */
  void gone(Candidate<DesiredListener> former) {
    if (former.calls().isInside()) {
      line.giveUp();
      if (!listeners.isEmpty()) {
        // What it was told is not answered, and the hub has nothing else told until it is.
        use.connection().listen(this::changed);
      }
    }
  }

  private CompletionStage<Delivery> changed(DesiredChange change) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    try {
      line.execute(() -> new Telling().tell(change, answer));
    } catch (RejectedExecutionException gone) {
      answer.complete(Delivery.Absent.INSTANCE);
    }
    return answer;
  }

  /** Telling one change. Its last call ends when the change is answered, and not before. */
  private final class Telling {

    private Runnable endOfCall = () -> {};

    void catchUp() {
      isCaughtUp();
      endOfCall.run();
    }

    void tell(DesiredChange change, CompletableFuture<Delivery> answer) {
      answer.complete(tell(change));
      endOfCall.run();
    }

    private Delivery tell(DesiredChange change) {
      Set<ServiceReference<DesiredListener>> asked = new HashSet<>();
      boolean accepted = true;
      while (line.isCurrent()) {
        accepted &= isCaughtUp();
        List<Candidate<DesiredListener>> all = listeners;
        Optional<Candidate<DesiredListener>> next =
            all.stream().filter(candidate -> !asked.contains(candidate.reference())).findFirst();
        if (!accepted && asked.isEmpty() || next.isEmpty()) {
          break;
        }
        Outcome outcome = tell(next.get(), all, change);
        accepted &= outcome != Outcome.FAILED;
        if (outcome != Outcome.OTHERS) {
          asked.add(next.get().reference());
        }
      }
      if (!accepted) {
        return new Delivery.Retry("a listener failed");
      }
      if (asked.isEmpty() || !line.isCurrent()) {
        return Delivery.Absent.INSTANCE;
      }
      keepForSuccessor(change);
      return Delivery.Accepted.INSTANCE;
    }

    /** Tells those who have taken over what they could not know; false when one of them failed. */
    private boolean isCaughtUp() {
      List<Candidate<DesiredListener>> all = listeners;
      turnTo(all);
      while (!owed.isEmpty()) {
        for (Candidate<DesiredListener> listener : all) {
          Outcome outcome = tell(listener, all, owed.getFirst());
          if (outcome == Outcome.FAILED || !line.isCurrent()) {
            return false;
          }
          if (outcome == Outcome.OTHERS) {
            return isCaughtUp();
          }
        }
        owed.removeFirst();
      }
      return true;
    }

    private Outcome tell(
        Candidate<DesiredListener> listener,
        List<Candidate<DesiredListener>> among,
        DesiredChange change) {
      Call call = new Call();
      listener.calls().begin(call);
      if (listeners != among) {
        listener.calls().end(call);
        return Outcome.OTHERS;
      }
      endOfCall.run();
      endOfCall = () -> listener.calls().end(call);
      return DesiredChanges.this.tell(listener, change) ? Outcome.TAKEN : Outcome.FAILED;
    }
  }

  private void turnTo(List<Candidate<DesiredListener>> all) {
    if (all.isEmpty() || all.get(0).generation() == told) {
      return;
    }
    owed.clear();
    if (all.get(0).generation() > told) {
      owed.addAll(missed);
    }
    missed.clear();
    told = all.get(0).generation();
  }

  private void keepForSuccessor(DesiredChange change) {
    if (traffic.newest(use.connection().module()) <= told) {
      missed.clear();
      return;
    }
    missed.add(change);
    if (missed.size() > MOST_MISSED) {
      missed.removeFirst();
    }
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
    line.close();
  }
}
