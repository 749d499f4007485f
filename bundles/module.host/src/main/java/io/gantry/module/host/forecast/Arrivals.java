package io.gantry.module.host.forecast;

import io.gantry.module.host.forecast.Neighbours.Arriving;
import io.gantry.module.host.resolution.Locations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/**
 * The services that come, step by step: those of newcomers that have what they need, and those of
 * components that have waited for them. Made for one question, as {@link Neighbours}.
 */
final class Arrivals {

  private final BundleContext context;
  private final List<Arrived> arrived = new ArrayList<>();
  // waiting components that have begun for what has come, by id
  private final Set<Long> awake = new HashSet<>();

  /**
   * A service that comes.
   *
   * @param who its module, for a person
   * @param shared digests of the bundles that this one shares: whose classes it means
   */
  record Arrived(String who, Set<String> shared, Described service) {

    /** It must be of the same class to the user, and so come by the same shared bundle. */
    boolean isFor(ReferenceDTO reference, Bundle user) {
      return offers(reference.interfaceName, reference.target)
          && Neighbours.wires(user)
              .filter(
                  wire ->
                      isPackageOf(reference.interfaceName, wire.getCapability().getAttributes()))
              .flatMap(wire -> Locations.sharedDigest(wire.getProvider().getBundle()).stream())
              .allMatch(shared::contains);
    }

    private boolean offers(String type, String target) {
      try {
        return service.types().contains(type)
            && (target == null
                || target.isBlank()
                || FrameworkUtil.createFilter(target).match(service.serviceProperties()));
      } catch (InvalidSyntaxException e) {
        return false;
      }
    }

    private static boolean isPackageOf(String type, Map<String, Object> packageAttributes) {
      int dot = type.lastIndexOf('.');
      return dot > 0 && type.substring(0, dot).equals(packageAttributes.get("osgi.wiring.package"));
    }
  }

  Arrivals(BundleContext context) {
    this.context = context;
  }

  /** It has come. */
  void add(Arrived next) {
    arrived.add(next);
  }

  /**
   * Takes those out of the waiting ones that have what they need.
   *
   * @param gone services that there are no more
   */
  List<Arrived> next(Arriving step, List<Described> waiting, Set<Object> gone) {
    List<Described> ready =
        waiting.stream()
            .filter(one -> one.needs().stream().allMatch(need -> isMet(need, gone)))
            .toList();
    waiting.removeAll(ready);
    return ready.stream().map(one -> new Arrived(step.who(), step.shared(), one)).toList();
  }

  private boolean isMet(Described.Need need, Set<Object> gone) {
    String target = need.target().isBlank() ? null : need.target();
    try {
      ServiceReference<?>[] there = context.getAllServiceReferences(need.type(), target);
      return there != null
              && Arrays.stream(there).anyMatch(service -> !gone.contains(Neighbours.id(service)))
          || arrived.stream().anyMatch(one -> one.offers(need.type(), target));
    } catch (InvalidSyntaxException e) {
      return false;
    }
  }

  /** The service of a component that has waited for nothing but what has come. */
  Optional<Described> awoken(
      Bundle bundle, ComponentDescriptionDTO description, ComponentConfigurationDTO instance) {
    boolean waits = instance.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE;
    if (!waits
        || description.serviceInterfaces.length == 0
        || !Arrays.stream(instance.unsatisfiedReferences)
            .allMatch(missing -> hasCome(missing, description, bundle))
        || !awake.add(instance.id)) {
      return Optional.empty();
    }
    return Optional.of(
        new Described(List.of(description.serviceInterfaces), instance.properties, List.of()));
  }

  private boolean hasCome(
      UnsatisfiedReferenceDTO missing, ComponentDescriptionDTO description, Bundle bundle) {
    return Arrays.stream(description.references)
        .filter(reference -> reference.name.equals(missing.name))
        .anyMatch(reference -> arrived.stream().anyMatch(one -> one.isFor(reference, bundle)));
  }
}
