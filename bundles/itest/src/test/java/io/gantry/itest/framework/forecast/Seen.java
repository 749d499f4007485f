package io.gantry.itest.framework.forecast;

import io.gantry.spi.module.ModuleLocation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A module as the framework has it.
 *
 * @param bundle its own
 * @param all its own and the shared ones that it is wired to
 * @param running whether it is active
 * @param services ids of the services that these use
 */
record Seen(Bundle bundle, Set<Bundle> all, boolean running, Set<Long> services) {

  private static final String SHARED = "gantry:shared/";

  /** All modules now, by name. */
  static SortedMap<String, Seen> modules(BundleContext context) {
    SortedMap<String, Seen> modules = new TreeMap<>();
    for (Bundle bundle : context.getBundles()) {
      Optional<ModuleLocation> location = ModuleLocation.parse(bundle.getLocation());
      if (location.isPresent()) {
        Seen twice = modules.put(location.get().module(), of(bundle));
        if (twice != null) {
          throw new AssertionError("two generations at rest: " + bundle + ", " + twice.bundle);
        }
      }
    }
    return modules;
  }

  private static Seen of(Bundle bundle) {
    Set<Bundle> all = all(bundle);
    Set<Long> services = new TreeSet<>();
    for (Bundle one : all) {
      for (ServiceReference<?> service : used(one)) {
        if (!all.contains(service.getBundle())) {
          services.add((Long) service.getProperty(Constants.SERVICE_ID));
        }
      }
    }
    return new Seen(bundle, all, bundle.getState() == Bundle.ACTIVE, services);
  }

  private static List<ServiceReference<?>> used(Bundle bundle) {
    ServiceReference<?>[] used = bundle.getServicesInUse();
    return used == null ? List.of() : Arrays.asList(used);
  }

  private static Set<Bundle> all(Bundle bundle) {
    Set<Bundle> all = new LinkedHashSet<>();
    Deque<Bundle> open = new ArrayDeque<>(List.of(bundle));
    while (!open.isEmpty()) {
      Bundle next = open.pop();
      if (all.add(next)) {
        BundleWiring wiring = next.adapt(BundleWiring.class);
        List<BundleWire> wires = wiring == null ? List.of() : wiring.getRequiredWires(null);
        for (BundleWire wire : wires) {
          Bundle provider = wire.getProvider().getBundle();
          if (isShared(provider)) {
            open.push(provider);
          }
        }
      }
    }
    return all;
  }

  /** Whether modules brought it along. */
  static boolean isShared(Bundle bundle) {
    return bundle.getLocation().startsWith(SHARED);
  }

  /** Whether the two are one bundle, and not two generations. */
  boolean isSameAs(Seen other) {
    return bundle.equals(other.bundle);
  }

  @Override
  public String toString() {
    return all.stream()
            .map(one -> one.getSymbolicName() + " " + one.getVersion())
            .collect(Collectors.joining(" + ", "[", "]"))
        + (running ? "" : " at rest")
        + " uses "
        + new ArrayList<>(services);
  }
}
