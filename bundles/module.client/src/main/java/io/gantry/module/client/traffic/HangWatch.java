package io.gantry.module.client.traffic;

import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds calls that do not come back. A timer for each message would cost more than the message: a
 * look goes over all calls from time to time, as long as there are any, and a call knows only how
 * many looks there were before it. So no clock is read, and one that jumps accuses nobody.
 */
final class HangWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HangWatch.class);

  /** A call is found at most this part of the limit later than the limit. */
  private static final int LOOKS_IN_LIMIT = 6;

  private final Duration limit;
  private final Scheduler scheduler;
  private final SerialExecutor executor;
  private final Set<Calls> watched = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile long looks;

  // Owned by the executor.
  private final List<ModuleTraffic.Listener> listeners = new ArrayList<>();
  private final Map<ModuleLocation, Map<Call, Hanging>> hanging = new HashMap<>();

  private record Hanging(Calls calls, String problem) {}

  /**
   * @param limit how long a call may take; zero when nobody cares
   */
  HangWatch(Duration limit, Threads threads, Scheduler scheduler) {
    this.limit = limit;
    this.scheduler = scheduler;
    this.executor = threads.serial("calls that hang");
  }

  void watch(Calls calls) {
    watched.add(calls);
  }

  void forget(Calls calls) {
    watched.remove(calls);
  }

  /** How many looks there were. */
  long looks() {
    return looks;
  }

  /** There is something to look at. */
  void callBegan() {
    if (!due.get() && !limit.isZero() && due.compareAndSet(false, true)) {
      scheduler.schedule(limit.dividedBy(LOOKS_IN_LIMIT), () -> executor.offer(this::look));
    }
  }

  /** A call of which was told that it hangs is over. */
  void cameBack(ModuleLocation generation, Call call) {
    executor.offer(() -> over(generation, call));
  }

  /** Tells the listener, at once of what hangs now. */
  AutoCloseable listen(ModuleTraffic.Listener listener) {
    executor.offer(
        () -> {
          listeners.add(listener);
          hanging.forEach((generation, calls) -> tell(listener, generation, problem(calls)));
        });
    return () -> executor.offer(() -> listeners.remove(listener));
  }

  private void look() {
    // First, or a call that begins meanwhile would not be looked for.
    due.set(false);
    looks = looks + 1;
    for (Calls calls : watched) {
      if (!calls.isOver()) {
        calls.forEach(call -> look(calls, call));
        callBegan();
      }
    }
    // Those that came back in the moment in which they were found.
    if (!hanging.isEmpty()) {
      callBegan();
    }
    for (ModuleLocation generation : List.copyOf(hanging.keySet())) {
      Map.copyOf(hanging.get(generation))
          .forEach(
              (call, found) -> {
                if (!found.calls.has(call)) {
                  over(generation, call);
                }
              });
    }
  }

  private void look(Calls calls, Call call) {
    if (call.isReported() || looks - call.since() <= LOOKS_IN_LIMIT) {
      return;
    }
    Thread thread = call.thread();
    StackTraceElement[] stack = thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    if (!calls.has(call)) {
      return;
    }
    call.reported();
    String problem =
        calls.handler()
            + (call.detail().isEmpty() ? "" : ", called for " + call.detail() + ",")
            + (thread == null
                ? " has come back but not answered for more than "
                : " has not come back for more than ")
            + limit.toSeconds()
            + " s.";
    log(calls.generation(), problem, thread, stack);
    Map<Call, Hanging> all =
        hanging.computeIfAbsent(calls.generation(), none -> new LinkedHashMap<>());
    all.put(call, new Hanging(calls, problem));
    if (all.size() == 1) {
      tellAll(calls.generation(), all);
    }
  }

  private static void log(
      ModuleLocation generation,
      String problem,
      @Nullable Thread thread,
      StackTraceElement[] stack) {
    if (thread == null) {
      LOG.warn("Module {}: {} It is waited for; nobody else is.", generation.module(), problem);
    } else {
      Throwable where = new Throwable("where thread " + thread.getName() + " is now");
      where.setStackTrace(stack);
      LOG.warn("Module {}: {} It is left alone.", generation.module(), problem, where);
    }
  }

  private void over(ModuleLocation generation, Call call) {
    Map<Call, Hanging> calls = hanging.get(generation);
    if (calls == null) {
      return;
    }
    Optional<String> told = problem(calls);
    if (calls.remove(call) == null) {
      return;
    }
    LOG.info("Module {}: a handler that hung has come back", generation.module());
    if (!told.equals(problem(calls))) {
      tellAll(generation, calls);
    }
    if (calls.isEmpty()) {
      hanging.remove(generation);
    }
  }

  private void tellAll(ModuleLocation generation, Map<Call, Hanging> calls) {
    Optional<String> problem = problem(calls);
    listeners.forEach(listener -> tell(listener, generation, problem));
  }

  private static Optional<String> problem(Map<Call, Hanging> calls) {
    return calls.values().stream().map(Hanging::problem).findFirst();
  }

  private static void tell(
      ModuleTraffic.Listener listener, ModuleLocation generation, Optional<String> problem) {
    try {
      listener.hangs(generation, problem);
    } catch (RuntimeException failure) {
      LOG.error("A listener failed; the others are told", failure);
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
