package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.module.host.forecast.Arrivals.Arrived;
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
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.dto.ServiceReferenceDTO;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;

/**
 * Who notices when bundles of modules come and leave, step by step. Nobody is stopped: no module is
 * ever wired to another, nor to a shared bundle that is not among its own. What is left are
 * services: whoever uses one of a bundle that leaves goes on with another one, or without. A
 * component whose reference cannot change while it runs, or that has nothing left to be bound to,
 * is made anew or ends, and its own service with it, so that this goes on to those who use that
 * one. So is one that is greedy for what comes.
 *
 * <p>Made for one question, on the runtime's serial executor.
 */
final class Neighbours {

  private static final String STATIC = "static";
  private static final String GREEDY = "greedy";
  private static final String MANDATORY = "1..";
  private static final String SINGLE = "..1";

  private final Arrivals arrivals;
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
   * What comes in one step.
   *
   * @param who its module, for a person
   * @param shared digests of the bundles that it shares: whose classes it means
   * @param components what it offers, if it has what it needs
   */
  record Arriving(String who, Set<String> shared, List<Described> components) {}

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
  Neighbours(
      BundleContext context, ServiceComponentRuntime components, Collection<Installed> others) {
    this.arrivals = new Arrivals(context);
    this.components = components;
    this.others = others;
  }

  /** Those who notice this step, after those that were asked about before. */
  List<Disturbance> after(Optional<Leaving> leaving, Optional<Arriving> arriving) {
    Map<String, Disturbance> found = new LinkedHashMap<>();
    if (leaving.isPresent() && !leaving.get().beside()) {
      leave(leaving.get(), found);
      arriving.ifPresent(step -> arrive(step, found));
    } else {
      arriving.ifPresent(step -> arrive(step, found));
      leaving.ifPresent(step -> leave(step, found));
    }
    return List.copyOf(found.values());
  }

  private void leave(Leaving step, Map<String, Disturbance> found) {
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
    end(open, step.bundles(), found);
  }

  private void end(Deque<Ending> open, List<Bundle> leaving, Map<String, Disturbance> found) {
    Set<Object> back = new HashSet<>();
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
          if (!leaving.contains(user)) {
            notice(ending.chainFromUser(), user, found);
            open.addAll(next(ending, user));
          }
        }
      }
    }
    gone.removeAll(back);
  }

  // ---- what comes --------------------------------------------------------------------------

  private void arrive(Arriving step, Map<String, Disturbance> found) {
    Deque<Ending> open = new ArrayDeque<>();
    List<Described> waiting = new ArrayList<>(step.components());
    Deque<Arrived> coming = new ArrayDeque<>(arrivals.next(step, waiting, gone));
    while (!coming.isEmpty()) {
      Arrived next = coming.poll();
      arrivals.add(next);
      forEachInstance(
          (other, user, description, instance) -> {
            open.addAll(greedy(next, user, description, instance, found));
            arrivals
                .awoken(user, description, instance)
                .map(service -> new Arrived(said(other), other.sharedDigests(), service))
                .ifPresent(coming::add);
          });
      coming.addAll(arrivals.next(step, waiting, gone));
    }
    end(open, List.of(), found);
  }

  @FunctionalInterface
  private interface InstanceVisitor {
    void visit(
        Installed module,
        Bundle bundle,
        ComponentDescriptionDTO description,
        ComponentConfigurationDTO instance);
  }

  private void forEachInstance(InstanceVisitor visitor) {
    for (Installed other : others) {
      for (Bundle bundle : other.all()) {
        for (ComponentDescriptionDTO description : components.getComponentDescriptionDTOs(bundle)) {
          for (ComponentConfigurationDTO instance :
              components.getComponentConfigurationDTOs(description)) {
            visitor.visit(other, bundle, description, instance);
          }
        }
      }
    }
  }

  /** What ends because a component that runs wants to have what has come. */
  private List<Ending> greedy(
      Arrived one,
      Bundle user,
      ComponentDescriptionDTO description,
      ComponentConfigurationDTO instance,
      Map<String, Disturbance> found) {
    List<Ending> endings = new ArrayList<>();
    if (instance.state != ComponentConfigurationDTO.ACTIVE) {
      return endings;
    }
    for (ReferenceDTO reference : description.references) {
      if (GREEDY.equals(reference.policyOption) && one.isFor(reference, user)) {
        ServiceReferenceDTO[] bound = bound(reference, instance);
        boolean exchanged = reference.cardinality.endsWith(SINGLE) && bound.length > 0;
        if (exchanged && one.service().ranking() <= ranking(bound[0])) {
          continue;
        }
        List<String> chain =
            List.of("takes up the service " + reference.interfaceName + " of " + one.who());
        if (exchanged) {
          notice(chain, user, found);
        }
        if (STATIC.equals(reference.policy) && instance.service != null) {
          services(user).stream()
              .filter(service -> id(service).equals(instance.service.id))
              .map(service -> new Ending(service, owner(user), chain, false, true))
              .forEach(endings::add);
        }
      }
    }
    return endings;
  }

  private static ServiceReferenceDTO[] bound(
      ReferenceDTO reference, ComponentConfigurationDTO instance) {
    return Arrays.stream(instance.satisfiedReferences)
        .filter(satisfied -> satisfied.name.equals(reference.name))
        .map(satisfied -> satisfied.boundServices)
        .findFirst()
        .orElseGet(() -> new ServiceReferenceDTO[0]);
  }

  private static int ranking(ServiceReferenceDTO service) {
    return service.properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking
        ? ranking
        : 0;
  }

  // ---- what leaves -------------------------------------------------------------------------

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
    return wires(bundle)
        .filter(wire -> isOf(service, wire.getCapability().getAttributes()))
        .flatMap(wire -> Locations.sharedDigest(wire.getProvider().getBundle()).stream())
        .allMatch(digests::contains);
  }

  static Stream<BundleWire> wires(Bundle bundle) {
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    return wiring == null ? Stream.of() : wiring.getRequiredWires("osgi.wiring.package").stream();
  }

  /** Whether a package is that of one of the service's types. */
  private static boolean isOf(ServiceReference<?> service, Map<String, Object> packageAttributes) {
    String prefix = packageAttributes.get("osgi.wiring.package") + ".";
    return service.getProperty(Constants.OBJECTCLASS) instanceof String[] types
        && Arrays.stream(types)
            .anyMatch(type -> type.startsWith(prefix) && type.indexOf('.', prefix.length()) < 0);
  }

  /** A bundle in use by several modules is noticed by all of them. */
  private void notice(List<String> fromUser, Bundle user, Map<String, Disturbance> found) {
    for (Installed other : others) {
      if (other.all().contains(user)) {
        List<String> chain = new ArrayList<>(List.of(said(other)));
        if (!other.bundle().equals(user)) {
          chain.add("shares " + said(user));
        }
        chain.addAll(fromUser);
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

  static Long id(ServiceReference<?> service) {
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
