package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.resolution.Locations;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Effect;
import io.gantry.spi.module.PreparedModule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;

/**
 * Who notices when bundles of modules leave, step by step. Nobody is stopped: no module is ever
 * wired to another, nor to a shared bundle that is not among its own. What is left are services:
 * whoever uses one of a bundle that leaves goes on with another one, or without. A component whose
 * reference cannot change while it runs, or that has nothing left to be bound to, is made anew or
 * ends, and its own service with it, so that this goes on to those who use that one.
 *
 * <p>Made for one question, on the runtime's serial executor.
 */
final class Neighbours {

  private static final String STATIC = "static";
  private static final String MANDATORY = "1..";

  private final ServiceComponentRuntime components;
  private final Collection<Installed> others;

  // services by id: those that ended in this step or a former one, and nothing came in their place
  private final Set<Object> gone = new HashSet<>();
  private final Set<Object> ended = new HashSet<>();

  /**
   * What leaves in one step.
   *
   * @param module whose bundles leave
   * @param bundles its own, and those shared ones that nobody else uses
   * @param next what comes in its place, and offers the same; empty when nothing does
   * @param beside whether that one is there before this one leaves
   */
  record Leaving(
      Installed module, List<Bundle> bundles, Optional<PreparedModule> next, boolean beside) {}

  /**
   * A service that comes to its end, and the chain from there to the cause.
   *
   * @param replaced whether another one has come in its place before
   * @param follows whether another one comes in its place, before or afterwards
   */
  private record Ending(
      ServiceReference<?> service,
      String provider,
      List<String> chain,
      boolean replaced,
      boolean follows) {

    Object id() {
      return service.getProperty(Constants.SERVICE_ID);
    }

    List<String> chainFromUser() {
      Object types = service.getProperty(Constants.OBJECTCLASS);
      String name =
          types instanceof String[] names ? String.join(", ", names) : String.valueOf(types);
      List<String> whole = new ArrayList<>(List.of("uses the service " + name + " of " + provider));
      whole.addAll(chain);
      return whole;
    }
  }

  /**
   * @param others the modules that may notice
   */
  Neighbours(ServiceComponentRuntime components, Collection<Installed> others) {
    this.components = components;
    this.others = others;
  }

  /** Those who notice this step, after those that were asked about before. */
  List<Disturbance> after(Leaving step) {
    Map<String, Disturbance> found = new LinkedHashMap<>();
    Set<Object> back = new HashSet<>();
    Deque<Ending> open = new ArrayDeque<>();
    for (Bundle bundle : step.bundles()) {
      for (ServiceReference<?> service : services(bundle)) {
        boolean follows = isFollowed(service, step);
        open.add(
            new Ending(
                service,
                said(bundle, step.module()),
                List.of(),
                follows && isBeside(bundle, step),
                follows));
      }
    }
    while (!open.isEmpty()) {
      Ending ending = open.poll();
      if (ended.add(ending.id())) {
        if (!ending.replaced()) {
          gone.add(ending.id());
        }
        if (ending.follows()) {
          back.add(ending.id());
        }
        for (Bundle user : users(ending.service())) {
          if (!step.bundles().contains(user)) {
            notice(ending, user, found);
            open.addAll(next(ending, user));
          }
        }
      }
    }
    gone.removeAll(back);
    return List.copyOf(found.values());
  }

  /** Shared bundles are started with the new module and leave after the old one, mostly. */
  private static boolean isBeside(Bundle bundle, Leaving step) {
    Bundle own = step.module().bundle();
    return step.beside() || !bundle.equals(own) && own.getState() == Bundle.ACTIVE;
  }

  /**
   * Whether who comes next offers a service to the same users: it must be of the same class to
   * them, and so come by the same shared bundle.
   */
  private static boolean isFollowed(ServiceReference<?> service, Leaving step) {
    Bundle bundle = service.getBundle();
    if (step.next().isEmpty()
        || !bundle.equals(step.module().bundle())
            && step.next().get().shared().stream()
                .noneMatch(shared -> shared.symbolicName().equals(bundle.getSymbolicName()))) {
      return false;
    }
    Set<String> digests = new HashSet<>();
    step.next().get().shared().forEach(shared -> digests.add(shared.sha256()));
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    return wiring == null
        || wiring.getRequiredWires("osgi.wiring.package").stream()
            .filter(wire -> isOf(service, wire.getCapability().getAttributes()))
            .flatMap(wire -> Locations.sharedDigest(wire.getProvider().getBundle()).stream())
            .allMatch(digests::contains);
  }

  /** Whether a package is that of one of the service's types. */
  private static boolean isOf(ServiceReference<?> service, Map<String, Object> packageAttributes) {
    String prefix = packageAttributes.get("osgi.wiring.package") + ".";
    return service.getProperty(Constants.OBJECTCLASS) instanceof String[] types
        && Arrays.stream(types)
            .anyMatch(type -> type.startsWith(prefix) && type.indexOf('.', prefix.length()) < 0);
  }

  /** A bundle in use by several modules is noticed by all of them. */
  private void notice(Ending ending, Bundle user, Map<String, Disturbance> found) {
    for (Installed other : others) {
      if (other.all().contains(user)) {
        List<String> chain = new ArrayList<>(List.of(said(other)));
        if (!other.bundle().equals(user)) {
          chain.add("shares " + said(user));
        }
        chain.addAll(ending.chainFromUser());
        String name = other.prepared().spec().name();
        found.putIfAbsent(name, new Disturbance(name, Effect.REBOUND, chain));
      }
    }
  }

  /** The services that end because their component cannot live on without. */
  private List<Ending> next(Ending ending, Bundle user) {
    List<Ending> next = new ArrayList<>();
    for (ComponentDescriptionDTO description : components.getComponentDescriptionDTOs(user)) {
      for (ComponentConfigurationDTO instance :
          components.getComponentConfigurationDTOs(description)) {
        for (ReferenceDTO reference : description.references) {
          if (instance.service != null && falls(reference, instance, ending, user)) {
            boolean anew = !isMandatory(reference) || hasOther(reference, ending, user);
            services(user).stream()
                .filter(service -> id(service).equals(instance.service.id))
                .map(service -> fallen(service, user, ending, anew))
                .forEach(next::add);
          }
        }
      }
    }
    return next;
  }

  private Ending fallen(ServiceReference<?> service, Bundle provider, Ending cause, boolean anew) {
    return new Ending(service, owner(provider), cause.chainFromUser(), false, anew);
  }

  private boolean falls(
      ReferenceDTO reference, ComponentConfigurationDTO instance, Ending ending, Bundle user) {
    for (SatisfiedReferenceDTO satisfied : instance.satisfiedReferences) {
      if (satisfied.name.equals(reference.name)
          && Arrays.stream(satisfied.boundServices).anyMatch(s -> ending.id().equals(s.id))) {
        return STATIC.equals(reference.policy)
            || isMandatory(reference) && !hasOther(reference, ending, user);
      }
    }
    return false;
  }

  private static boolean isMandatory(ReferenceDTO reference) {
    return reference.cardinality.startsWith(MANDATORY);
  }

  /** Whether there is something else that the reference could be bound to. */
  private boolean hasOther(ReferenceDTO reference, Ending ending, Bundle user) {
    BundleContext context = user.getBundleContext();
    if (ending.replaced() || context == null) {
      return true;
    }
    try {
      ServiceReference<?>[] candidates =
          context.getServiceReferences(reference.interfaceName, reference.target);
      return candidates != null
          && Arrays.stream(candidates).anyMatch(service -> !gone.contains(id(service)));
    } catch (InvalidSyntaxException | IllegalStateException e) {
      return false;
    }
  }

  private static Long id(ServiceReference<?> service) {
    return (Long) service.getProperty(Constants.SERVICE_ID);
  }

  private static List<ServiceReference<?>> services(Bundle bundle) {
    ServiceReference<?>[] services = bundle.getRegisteredServices();
    return services == null ? List.of() : List.of(services);
  }

  private static List<Bundle> users(ServiceReference<?> service) {
    Bundle[] users = service.getUsingBundles();
    return users == null ? List.of() : List.of(users);
  }

  private String owner(Bundle bundle) {
    return others.stream()
        .filter(other -> other.bundle().equals(bundle))
        .findFirst()
        .map(Neighbours::said)
        .orElseGet(() -> said(bundle));
  }

  private static String said(Bundle bundle, Installed module) {
    return bundle.equals(module.bundle())
        ? said(module)
        : said(bundle) + ", which leaves with " + said(module);
  }

  private static String said(Installed module) {
    return "module " + module.prepared().spec().name() + " (" + said(module.bundle()) + ")";
  }

  private static String said(Bundle bundle) {
    return bundle.getSymbolicName() + " " + bundle.getVersion();
  }
}
