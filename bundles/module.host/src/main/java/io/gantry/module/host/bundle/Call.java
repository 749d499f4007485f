package io.gantry.module.host.bundle;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call that may end in code of modules (a start, a stop, a change of the framework that others
 * listen to) on a thread of its own, because that may hang and must not take the runtime with it.
 * After the time limit the call counts as failed, its stack is logged, and the thread is
 * interrupted once: this is the module's own code, and most of what hangs waits in something that
 * can be interrupted. A thread that ignores it stays behind; {@link #returned} tells when it came
 * back at last.
 */
public final class Call {

  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  /** What may throw anything. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run() throws Exception;
  }

  /** How calls are made. */
  public record Maker(Threads threads, Scheduler scheduler, Duration limit) {

    /** The same with another time limit. */
    Maker withLimit(Duration other) {
      return new Maker(threads, scheduler, other);
    }

    /**
     * Makes a call.
     *
     * @param who for sentences: {@code module filter}
     * @param what the verb for sentences: {@code start}
     * @param late what to do when the call succeeds after all, when it counts as failed already
     */
    public Call call(String who, String what, Action action, Action late) {
      Call call = new Call(who, what, limit);
      String name = who.substring(who.indexOf(' ') + 1).replace(' ', '-');
      Thread thread = threads.factory("module-" + name).newThread(() -> call.run(action, late));
      Cancellable timeout = scheduler.schedule(limit, () -> call.timeout(thread));
      call.returned.whenComplete((done, failure) -> timeout.cancel());
      try {
        thread.start();
      } catch (Error e) {
        // The system has no thread left.
        call.failed(e);
        call.returned.complete(null);
      }
      return call;
    }
  }

  private enum Phase {
    UNDER_WAY,
    IN_TIME,
    GIVEN_UP
  }

  private final String who;
  private final String what;
  private final Duration limit;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.UNDER_WAY);
  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private final CompletableFuture<Void> returned = new CompletableFuture<>();

  private Call(String who, String what, Duration limit) {
    this.who = who;
    this.what = what;
    this.limit = limit;
  }

  /** The outcome, at the latest at the time limit; fails with {@link ModuleException}. */
  public CompletionStage<Void> result() {
    return result;
  }

  /** Completes when the thread has come back; never fails. */
  public CompletionStage<Void> returned() {
    return returned;
  }

  /** Whether the call was given up and has not come back. */
  public boolean hangs() {
    return phase.get() == Phase.GIVEN_UP && !returned.isDone();
  }

  /** Whether the call has neither come back nor been given up. */
  public boolean isUnderWay() {
    return phase.get() == Phase.UNDER_WAY;
  }

  private void run(Action action, Action late) {
    try {
      action.run();
      if (endsInTime()) {
        result.complete(null);
      } else {
        LOG.warn("{}: the {} that was given up has come back", who, what);
        late.run();
      }
    } catch (Throwable e) {
      failed(e);
    } finally {
      returned.complete(null);
    }
  }

  private void failed(Throwable thrown) {
    if (!endsInTime()) {
      LOG.warn("{}: the {} that was given up has failed: {}", who, what, Thrown.text(thrown));
    } else if (thrown instanceof ModuleException known) {
      result.completeExceptionally(known);
    } else {
      result.completeExceptionally(failure(thrown));
      LOG.error("{} did not {}", who, what, thrown);
    }
  }

  private boolean endsInTime() {
    return phase.compareAndSet(Phase.UNDER_WAY, Phase.IN_TIME);
  }

  private ModuleException failure(Throwable thrown) {
    Throwable cause = thrown;
    boolean activator = false;
    while (cause instanceof BundleException && cause.getCause() != null) {
      activator |= ((BundleException) cause).getType() == BundleException.ACTIVATOR_ERROR;
      cause = cause.getCause();
    }
    String subject = activator ? "its activator threw " : "";
    return new ModuleException(
        who + " did not " + what + ": " + subject + Thrown.text(cause), thrown);
  }

  /** On the scheduler's thread: short, and nothing that could block. */
  private void timeout(Thread thread) {
    if (!phase.compareAndSet(Phase.UNDER_WAY, Phase.GIVEN_UP)) {
      return;
    }
    StackTraceElement[] stack = thread.getStackTrace();
    LOG.error(
        "{} did not {} within {} s and is given up; it hangs{}",
        who,
        what,
        limit.toSeconds(),
        Arrays.stream(stack)
            .map(frame -> System.lineSeparator() + "    at " + frame)
            .collect(Collectors.joining()));
    String at = stack.length == 0 ? "" : "; it hangs at " + stack[0];
    result.completeExceptionally(
        new ModuleException(
            who
                + " did not "
                + what
                + " within "
                + limit.toSeconds()
                + " s"
                + at
                + " (its stack is in the log)"));
    thread.interrupt();
  }
}
