package io.gantry.module.client.input;

import io.gantry.api.module.AsyncMessageHandler;
import io.gantry.api.module.Input;
import io.gantry.api.module.MessageHandler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final SerialExecutor executor;

  // Owned by the executor.
  private final Map<ServiceReference<?>, Object> services = new HashMap<>();
  private final Map<ModuleInput, List<Candidate>> candidates = new HashMap<>();
  private final Map<ModuleInput, Served> served = new HashMap<>();

  private record Candidate(long generation, ServiceReference<?> reference, Object service) {}

  private record Served(InputEndpoint endpoint, ServiceRegistration<Endpoint> registration) {}

  public Inputs(BundleContext context, Threads threads, InstantSource clock) {
    this.context = context;
    this.threads = threads;
    this.clock = clock;
    this.executor = threads.serial("module inputs");
  }

  /** A handler service came. Any thread. */
  public void added(ServiceReference<?> reference) {
    executor.execute(() -> add(reference));
  }

  /** A handler service went. Any thread. */
  public void removed(ServiceReference<?> reference) {
    executor.execute(() -> remove(reference));
  }

  private void add(ServiceReference<?> reference) {
    Bundle bundle = reference.getBundle();
    if (bundle == null || services.containsKey(reference)) {
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
    Object service = context.getService(reference);
    if (!(service instanceof MessageHandler) && !(service instanceof AsyncMessageHandler)) {
      LOG.warn("The message handler of {} for {} cannot be had", bundle, names);
      return;
    }
    services.put(reference, service);
    for (String name : names) {
      ModuleInput address = new ModuleInput(module.get().module(), name);
      List<Candidate> all = candidates.computeIfAbsent(address, none -> new ArrayList<>());
      all.add(new Candidate(module.get().generation(), reference, service));
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
    if (services.remove(reference) == null) {
      return;
    }
    for (ModuleInput address : List.copyOf(candidates.keySet())) {
      List<Candidate> all = candidates.get(address);
      if (all.removeIf(candidate -> candidate.reference.equals(reference))) {
        choose(address);
      }
    }
    try {
      context.ungetService(reference);
    } catch (IllegalStateException stopped) {
      LOG.debug("Stopped already", stopped);
    }
  }

  /** The newest generation of the module serves, and of that the highest ranking. */
  private void choose(ModuleInput address) {
    List<Candidate> all = candidates.get(address);
    all.sort(BEST_FIRST);
    if (all.isEmpty()) {
      candidates.remove(address);
      end(address);
      return;
    }
    if (all.size() > 1) {
      LOG.info("{} has {} handlers; the newest of the highest ranking serves", address, all.size());
    }
    Handler handler = new Handler(address.id(), all.get(0).service);
    Served present = served.get(address);
    if (present != null) {
      present.endpoint.use(handler);
      return;
    }
    InputEndpoint endpoint = new InputEndpoint(address, threads.serial("input " + address), clock);
    endpoint.use(handler);
    served.put(address, new Served(endpoint, register(address, endpoint)));
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
    executor.execute(() -> List.copyOf(served.keySet()).forEach(this::end));
    executor.close();
  }
}
