package io.gantry.module.host.watch;

import io.gantry.spi.execution.Scheduler;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the threads that a module has left behind when it was stopped: they hold its classes, and
 * whatever they do they still do. They are noted as soon as its bundle has stopped, while it can
 * still be told whose they are, and named when they are there after a moment. They are only looked
 * at: nobody knows in the middle of what they are.
 */
public final class LeftThreads {

  private static final Logger LOG = LoggerFactory.getLogger(LeftThreads.class);
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final BundleContext context;
  private final Scheduler scheduler;

  /** Held until the moment has passed; the thread itself is free to go. */
  private record Noted(WeakReference<Thread> thread, ThreadOwners.Owned owned) {}

  public LeftThreads(BundleContext context, Scheduler scheduler) {
    this.context = context;
    this.scheduler = scheduler;
  }

  /**
   * Looks for the threads of a bundle that was stopped just now. Any thread.
   *
   * @param name the module and its version, for the log
   * @param target is told a sentence that names them, if there are any, on the scheduler's thread
   */
  public void lookFor(Bundle stopped, String name, Consumer<String> target) {
    ThreadOwners owners = new ThreadOwners(context);
    List<Noted> noted = new ArrayList<>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) ->
                owners
                    .of(thread, stack)
                    .filter(owned -> owned.module().equals(stopped))
                    .ifPresent(owned -> noted.add(new Noted(new WeakReference<>(thread), owned))));
    if (!noted.isEmpty()) {
      scheduler.schedule(GRACE, () -> name(noted, name, target));
    }
  }

  private static void name(List<Noted> noted, String name, Consumer<String> target) {
    List<String> left = new ArrayList<>();
    for (Noted one : noted) {
      Thread thread = one.thread().get();
      StackTraceElement[] stack =
          thread == null ? new StackTraceElement[0] : thread.getStackTrace();
      if (thread != null && thread.isAlive() && one.owned().isStill(thread, stack)) {
        left.add(thread.getName() + (stack.length == 0 ? "" : " (at " + stack[0] + ")"));
      }
    }
    if (!left.isEmpty()) {
      String text =
          "it was stopped and has left behind "
              + (left.size() == 1 ? "a thread: " : left.size() + " threads: ")
              + left.stream().sorted().collect(Collectors.joining(", "));
      LOG.warn("module {}: {}", name, text);
      target.accept(text);
    }
  }
}
