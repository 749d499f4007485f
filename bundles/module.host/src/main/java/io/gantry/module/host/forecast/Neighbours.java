package io.gantry.module.host.forecast;

import io.gantry.module.host.bundle.Installer.Installed;
import io.gantry.spi.module.ModuleForecast.Disturbance;
import io.gantry.spi.module.ModuleForecast.Effect;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;

/**
 * Who notices when the bundles of a module leave. Nobody is stopped: no module is ever wired to
 * another, nor to a shared bundle that is not among its own. What is left are services: whoever
 * uses one of a bundle that leaves goes on with another one, or without. A component whose
 * reference cannot change while it runs is made anew for that, and its own service with it, so that
 * this goes on to those who use that one.
 */
public final class Neighbours {

  private static final String STATIC = "static";
  private static final String MANDATORY = "1..";

  private final ServiceComponentRuntime components;

  /** A service that comes to its end, and the chain from there to the cause. */
  private record Ending(ServiceReference<?> service, String provider, List<String> chain) {

    String name() {
      Object types = service.getProperty(Constants.OBJECTCLASS);
      return types instanceof String[] names ? String.join(", ", names) : String.valueOf(types);
    }

    String link() {
      return "uses the service " + name() + " of " + provider;
    }
  }

  public Neighbours(ServiceComponentRuntime components) {
    this.components = components;
  }

  /**
   * The other modules that notice.
   *
   * @param module whose bundles leave
   * @param leaving its own bundle, and those shared ones that nobody else uses
   * @param gap whether its services are gone for a while before others come
   */
  List<Disturbance> of(
      Installed module, List<Bundle> leaving, boolean gap, Collection<Installed> others) {
    Map<String, Disturbance> found = new LinkedHashMap<>();
    Set<Object> seen = new HashSet<>();
    Deque<Ending> open = new ArrayDeque<>();
    for (Bundle bundle : leaving) {
      String provider =
          bundle.equals(module.bundle())
              ? said(module)
              : said(bundle) + ", which leaves with " + said(module);
      for (ServiceReference<?> service : services(bundle)) {
        open.add(new Ending(service, provider, List.of()));
      }
    }
    while (!open.isEmpty()) {
      Ending ending = open.poll();
      if (seen.add(ending.service().getProperty(Constants.SERVICE_ID))) {
        for (Bundle user : users(ending.service())) {
          if (!leaving.contains(user)) {
            notice(ending, user, others, found);
            open.addAll(next(ending, user, gap, others));
          }
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** A bundle in use by several modules is noticed by all of them. */
  private static void notice(
      Ending ending, Bundle user, Collection<Installed> others, Map<String, Disturbance> found) {
    for (Installed other : others) {
      if (other.all().contains(user)) {
        List<String> chain = new ArrayList<>(List.of(said(other)));
        if (!other.bundle().equals(user)) {
          chain.add("shares " + said(user));
        }
        chain.add(ending.link());
        chain.addAll(ending.chain());
        String name = other.prepared().spec().name();
        found.putIfAbsent(name, new Disturbance(name, Effect.REBOUND, chain));
      }
    }
  }

  /** The services that are registered anew because their component cannot live on without. */
  private List<Ending> next(Ending ending, Bundle user, boolean gap, Collection<Installed> others) {
    List<Ending> next = new ArrayList<>();
    List<String> chain = new ArrayList<>(List.of(ending.link()));
    chain.addAll(ending.chain());
    long id = (Long) ending.service().getProperty(Constants.SERVICE_ID);
    for (ComponentDescriptionDTO description : components.getComponentDescriptionDTOs(user)) {
      for (ComponentConfigurationDTO instance :
          components.getComponentConfigurationDTOs(description)) {
        if (instance.service != null && falls(description, instance, id, gap)) {
          for (ServiceReference<?> service : services(user)) {
            if (Long.valueOf(instance.service.id)
                .equals(service.getProperty(Constants.SERVICE_ID))) {
              next.add(new Ending(service, owner(user, others), chain));
            }
          }
        }
      }
    }
    return next;
  }

  private static boolean falls(
      ComponentDescriptionDTO description,
      ComponentConfigurationDTO instance,
      long service,
      boolean gap) {
    for (SatisfiedReferenceDTO satisfied : instance.satisfiedReferences) {
      boolean bound =
          Arrays.stream(satisfied.boundServices).anyMatch(reference -> reference.id == service);
      if (bound) {
        for (ReferenceDTO reference : description.references) {
          boolean last = gap && satisfied.boundServices.length == 1;
          if (reference.name.equals(satisfied.name)
              && (STATIC.equals(reference.policy)
                  || last && reference.cardinality.startsWith(MANDATORY))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static List<ServiceReference<?>> services(Bundle bundle) {
    ServiceReference<?>[] services = bundle.getRegisteredServices();
    return services == null ? List.of() : List.of(services);
  }

  private static List<Bundle> users(ServiceReference<?> service) {
    Bundle[] users = service.getUsingBundles();
    return users == null ? List.of() : List.of(users);
  }

  private static String owner(Bundle bundle, Collection<Installed> others) {
    return others.stream()
        .filter(other -> other.bundle().equals(bundle))
        .findFirst()
        .map(Neighbours::said)
        .orElseGet(() -> said(bundle));
  }

  private static String said(Installed module) {
    return "module " + module.prepared().spec().name() + " (" + said(module.bundle()) + ")";
  }

  private static String said(Bundle bundle) {
    return bundle.getSymbolicName() + " " + bundle.getVersion();
  }
}
