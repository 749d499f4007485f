package io.gantry.module.client.input;

import io.gantry.api.module.Input;
import io.gantry.module.client.traffic.Calls;
import io.gantry.module.client.traffic.HandlerServices;
import io.gantry.module.client.traffic.Line;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an endpoint of each input that some handler serves. Service events come in any order,
 * twice, and from within calls of ours: they only leave a task for the serial executor, which owns
 * everything here and looks at what is there when its turn comes.
 */
public final class Inputs implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Inputs.class);

  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.<Candidate>comparingLong(candidate -> candidate.generation)
          .thenComparing(candidate -> candidate.reference)
          .reversed();

  private final BundleContext context;
  private final Threads threads;
  private final InstantSource clock;
  private final Traffic traffic;
  private final Consumer<EndpointAddress> resumed;
  private final SerialExecutor executor;

  // Owned by the executor.
  private final HandlerServices services;
  private final Map<ModuleInput, List<Candidate>> candidates = new HashMap<>();
  private final Map<ModuleInput, Served> served = new HashMap<>();

  private record Candidate(long generation, ServiceReference<?> reference, Handler handler) {}

  private record Served(InputEndpoint endpoint, ServiceRegistration<Endpoint> registration) {}

  /**
   * @param resumed is told which input is served again
   */
  public Inputs(
      BundleContext context,
      Threads threads,
      InstantSource clock,
      Traffic traffic,
      Consumer<EndpointAddress> resumed) {
    this.context = context;
    this.threads = threads;
    this.clock = clock;
    this.traffic = traffic;
    this.resumed = resumed;
    this.executor = threads.serial("module inputs");
    this.services = new HandlerServices(context, threads, traffic, executor);
    traffic.add(this::reconsider);
  }

  /** A handler service came. Any thread. */
  public void added(ServiceReference<?> reference) {
    executor.offer(() -> add(reference));
  }

  /** A handler service went. Any thread. */
  public void removed(ServiceReference<?> reference) {
    executor.offer(() -> remove(reference));
  }

  private void reconsider(String module, Runnable done) {
    boolean open =
        executor.offer(
            () -> {
              Stream.concat(candidates.keySet().stream(), served.keySet().stream())
                  .filter(address -> address.module().equals(module))
                  .distinct()
                  .toList()
                  .forEach(this::choose);
              done.run();
            });
    if (!open) {
      done.run();
    }
  }

  private void add(ServiceReference<?> reference) {
    Bundle bundle = reference.getBundle();
    if (bundle == null || services.knows(reference)) {
      return;
    }
    Optional<ModuleLocation> module = ModuleLocation.parse(bundle.getLocation());
    List<String> names = names(reference);
    if (module.isEmpty() || names.isEmpty()) {
      LOG.warn(
          "A message handler of {} gets no messages: expected {}",
          bundle,
          module.isEmpty()
              ? "a bundle that was deployed as a module"
              : "the service property " + Input.PROPERTY + " with the name of an input");
      return;
    }
    services.ask(
        reference,
        module.get(),
        "The handler of input " + String.join(", ", names),
        service -> had(reference, module.get(), names, service));
  }

  private void had(
      ServiceReference<?> reference,
      ModuleLocation generation,
      List<String> names,
      Object service) {
    for (String name : names) {
      ModuleInput address = new ModuleInput(generation.module(), name);
      List<Candidate> all = candidates.computeIfAbsent(address, none -> new ArrayList<>());
      Calls calls = traffic.begin(generation, "The handler of input " + name);
      Handler handler = new Handler(address.id(), service, calls);
      all.add(new Candidate(generation.generation(), reference, handler));
      choose(address);
    }
  }

  private static List<String> names(ServiceReference<?> reference) {
    Object property = reference.getProperty(Input.PROPERTY);
    String[] names =
        property instanceof String[] several
            ? several
            : property instanceof String one ? new String[] {one} : new String[0];
    List<String> good = new ArrayList<>();
    for (String name : names) {
      if (!name.isEmpty() && !name.contains("/")) {
        good.add(name);
      }
    }
    return good;
  }

  private void remove(ServiceReference<?> reference) {
    for (ModuleInput address : List.copyOf(candidates.keySet())) {
      List<Candidate> all = candidates.get(address);
      for (Candidate gone : List.copyOf(all)) {
        if (gone.reference.equals(reference)) {
          remove(address, all, gone);
        }
      }
    }
    services.leave(reference);
  }

  private void remove(ModuleInput address, List<Candidate> all, Candidate gone) {
    all.remove(gone);
    if (all.isEmpty()) {
      candidates.remove(address);
    }
    choose(address);
    Served present = served.get(address);
    if (present != null && present.endpoint.gone(gone.handler)) {
      resumed.accept(address);
    }
    traffic.end(gone.handler.calls());
  }

  /**
   * Of the generations that may serve the newest does, and of that the highest ranking. Where
   * something was said of the module its endpoint stays while nobody serves: it knows what is
   * unanswered, and a new one would be given that again.
   */
  private void choose(ModuleInput address) {
    List<Candidate> all = candidates.getOrDefault(address, List.of());
    if (all.isEmpty() && !traffic.isSaid(address.module())) {
      end(address);
      return;
    }
    List<Candidate> best =
        all.stream()
            .filter(some -> traffic.mayServe(address.module(), some.generation))
            .sorted(BEST_FIRST)
            .toList();
    if (best.size() > 1) {
      LOG.info(
          "{} has {} handlers; the newest of the highest ranking serves", address, best.size());
    }
    if (best.isEmpty()) {
      rest(address, all.isEmpty());
    } else {
      use(address, best.get(0).handler);
    }
  }

  /** What comes in waits. */
  private void rest(ModuleInput address, boolean forLong) {
    Served present = served.get(address);
    if (present != null) {
      present.endpoint.use(null);
      if (forLong) {
        present.endpoint.giveBack();
      }
    }
  }

  private void use(ModuleInput address, Handler handler) {
    Served present = served.get(address);
    if (present == null) {
      InputEndpoint fresh =
          new InputEndpoint(address, new Line(threads, "input " + address), clock);
      fresh.use(handler);
      served.put(address, new Served(fresh, register(address, fresh)));
      return;
    }
    InputEndpoint endpoint = present.endpoint;
    boolean rested = endpoint.handler() == null;
    endpoint.use(handler);
    boolean back = endpoint.takeOver();
    if (rested || back) {
      resumed.accept(address);
    }
  }

  private ServiceRegistration<Endpoint> register(ModuleInput address, Endpoint endpoint) {
    java.util.Dictionary<String, Object> properties = new java.util.Hashtable<>();
    properties.put("gantry.endpoint", address.id());
    properties.put(Constants.SERVICE_DESCRIPTION, "Input of a module in this JVM");
    return context.registerService(Endpoint.class, endpoint, properties);
  }

  private void end(ModuleInput address) {
    @Nullable Served gone = served.remove(address);
    if (gone != null) {
      gone.endpoint.use(null);
      unregister(gone.registration);
      gone.endpoint.close();
    }
  }

  private static void unregister(ServiceRegistration<?> registration) {
    try {
      registration.unregister();
    } catch (IllegalStateException already) {
      LOG.debug("Unregistered already", already);
    }
  }

  @Override
  public void close() {
    executor.offer(() -> List.copyOf(served.keySet()).forEach(this::end));
    executor.close();
  }
}
