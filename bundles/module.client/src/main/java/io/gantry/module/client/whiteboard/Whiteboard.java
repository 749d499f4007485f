package io.gantry.module.client.whiteboard;

import io.gantry.module.client.traffic.HandlerServices;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of one type that modules have registered. Service events come in any order, twice,
 * and from within calls of ours: they only leave a task for the serial executor, which owns
 * everything here and looks at what is there when its turn comes.
 */
public final class Whiteboard<S> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Whiteboard.class);

  /** Is told what a module has. */
  @FunctionalInterface
  public interface Reader<S> {
    /**
     * Called by the executor, with what the module has now: the newest generation first, in that
     * the highest ranking.
     *
     * @param serving those that may be called
     * @param waiting those that may not, because another generation serves, or nobody
     * @param gone one that was there and is not any more, if that is what has changed
     */
    void changed(
        String module,
        List<Candidate<S>> serving,
        List<Candidate<S>> waiting,
        Optional<Candidate<S>> gone);
  }

  private final SerialExecutor executor;
  private final HandlerServices services;
  private final Traffic traffic;
  private final String handler;
  private final Reader<S> reader;

  // Owned by the executor.
  private final Map<ServiceReference<S>, String> modules = new HashMap<>();
  private final Map<String, List<Candidate<S>>> candidates = new HashMap<>();

  /**
   * @param name of our executor, for logs and thread dumps
   * @param handler what such a service is, as the subject of a sentence
   */
  public Whiteboard(
      BundleContext context,
      Threads threads,
      String name,
      Traffic traffic,
      String handler,
      Reader<S> reader) {
    this.executor = threads.serial(name);
    this.services = new HandlerServices(context, threads, traffic, executor);
    this.traffic = traffic;
    this.handler = handler;
    this.reader = reader;
    traffic.add(this::reconsider);
  }

  /** A service came. Any thread. */
  public void added(ServiceReference<S> reference) {
    executor.offer(() -> add(reference));
  }

  /** A service went. Any thread. */
  public void removed(ServiceReference<S> reference) {
    executor.offer(() -> remove(reference));
  }

  private void reconsider(String module, Runnable done) {
    boolean open =
        executor.offer(
            () -> {
              List<Candidate<S>> all = candidates.get(module);
              if (all != null) {
                tell(module, all, Optional.empty());
              }
              done.run();
            });
    if (!open) {
      done.run();
    }
  }

  private void add(ServiceReference<S> reference) {
    Bundle bundle = reference.getBundle();
    if (bundle == null || services.knows(reference)) {
      return;
    }
    Optional<ModuleLocation> location = ModuleLocation.parse(bundle.getLocation());
    if (location.isEmpty()) {
      LOG.warn(
          "{} of {} is not called: expected a bundle that was deployed as a module",
          reference,
          bundle);
      return;
    }
    services.ask(
        reference, location.get(), handler, service -> had(reference, location.get(), service));
  }

  private void had(ServiceReference<S> reference, ModuleLocation generation, S service) {
    String module = generation.module();
    modules.put(reference, module);
    List<Candidate<S>> all = candidates.computeIfAbsent(module, none -> new ArrayList<>());
    all.add(
        new Candidate<>(
            generation.generation(), reference, service, traffic.begin(generation, handler)));
    tell(module, all, Optional.empty());
  }

  private void remove(ServiceReference<S> reference) {
    String module = modules.remove(reference);
    if (module != null) {
      remove(module, reference);
    }
    services.leave(reference);
  }

  private void remove(String module, ServiceReference<S> reference) {
    List<Candidate<S>> all = candidates.get(module);
    Candidate<S> gone =
        all.stream().filter(some -> some.reference().equals(reference)).findFirst().orElseThrow();
    all.removeIf(some -> some == gone);
    if (all.isEmpty()) {
      candidates.remove(module);
    }
    tell(module, all, Optional.of(gone));
    traffic.end(gone.calls());
  }

  private void tell(String module, List<Candidate<S>> all, Optional<Candidate<S>> gone) {
    all.sort(
        Comparator.<Candidate<S>>comparingLong(Candidate::generation)
            .thenComparing(Candidate::reference)
            .reversed());
    // Asked once for each: what is said may change in between, and is then told anew.
    Map<Boolean, List<Candidate<S>>> mayServe =
        all.stream()
            .collect(
                Collectors.partitioningBy(
                    some -> traffic.mayServe(module, some.generation()),
                    Collectors.toUnmodifiableList()));
    reader.changed(module, mayServe.get(true), mayServe.get(false), gone);
  }

  /** All services are gone as far as the reader is concerned. */
  @Override
  public void close() {
    executor.offer(() -> List.copyOf(modules.keySet()).forEach(this::remove));
    executor.close();
  }
}
