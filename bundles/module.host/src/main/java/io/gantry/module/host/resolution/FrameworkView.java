package io.gantry.module.host.resolution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;

/**
 * What is resolved in the framework at one moment, as the resolver wants to see it. Providers are
 * the bundles of the runtime and those that modules share; what a module exports is its own affair
 * and offered to nobody, so that replacing a module never touches another one.
 */
final class FrameworkView {

  private final Map<Resource, Wiring> wirings = new LinkedHashMap<>();
  private final Map<String, List<Capability>> providers = new HashMap<>();
  private final Map<String, Boolean> singletons = new HashMap<>();

  private FrameworkView() {}

  static FrameworkView of(BundleContext context) {
    FrameworkView view = new FrameworkView();
    for (Bundle bundle : context.getBundles()) {
      BundleWiring wiring = bundle.adapt(BundleWiring.class);
      if (wiring != null && wiring.isInUse()) {
        view.addWithProviders(wiring);
        if (!Locations.isModule(bundle)) {
          view.addProvider(wiring);
        }
      }
    }
    return view;
  }

  private void addWithProviders(BundleWiring start) {
    Deque<BundleWiring> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      BundleWiring wiring = open.pop();
      if (wirings.put(wiring.getRevision(), wiring) == null) {
        wires(wiring).map(BundleWire::getProviderWiring).forEach(open::push);
      }
    }
  }

  private static Stream<BundleWire> wires(BundleWiring wiring) {
    List<BundleWire> wires = wiring.getRequiredWires(null);
    return wires == null
        ? Stream.of()
        : wires.stream().filter(wire -> wire.getProviderWiring() != null);
  }

  private void addProvider(BundleWiring wiring) {
    for (Capability capability : wiring.getResourceCapabilities(null)) {
      Capability offered =
          capability.getResource().equals(wiring.getRevision())
              ? capability
              : new Hosted(wiring.getRevision(), capability);
      providers.computeIfAbsent(offered.getNamespace(), n -> new ArrayList<>()).add(offered);
      if (IdentityNamespace.IDENTITY_NAMESPACE.equals(offered.getNamespace())) {
        singletons.merge(
            wiring.getRevision().getSymbolicName(),
            "true".equals(offered.getDirectives().get("singleton")),
            Boolean::logicalOr);
      }
    }
  }

  Map<Resource, Wiring> wirings() {
    return Map.copyOf(wirings);
  }

  List<Capability> providers(String namespace) {
    return providers.getOrDefault(namespace, List.of());
  }

  /** Whether exactly this bundle is there, be it of the runtime or shared. */
  boolean has(String symbolicName, Version version) {
    return providers(IdentityNamespace.IDENTITY_NAMESPACE).stream()
        .anyMatch(
            c ->
                symbolicName.equals(c.getAttributes().get(c.getNamespace()))
                    && version.equals(c.getAttributes().get("version")));
  }

  /** The bundles of this name. */
  List<BundleRevision> installed(String symbolicName) {
    return wirings.keySet().stream()
        .filter(BundleRevision.class::isInstance)
        .map(BundleRevision.class::cast)
        .filter(revision -> symbolicName.equals(revision.getSymbolicName()))
        .filter(revision -> !Locations.isModule(revision.getBundle()))
        .toList();
  }

  /** Whether a bundle of this name is there that tolerates no second version. */
  boolean hasSingleton(String symbolicName) {
    return singletons.getOrDefault(symbolicName, false);
  }

  /** Whether it tolerates no second version of itself. */
  static boolean isSingleton(BundleRevision revision) {
    return revision.getDeclaredCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).stream()
        .anyMatch(c -> "true".equals(c.getDirectives().get("singleton")));
  }

  /** The shared bundles among these resources, with the shared bundles that they are wired to. */
  List<BundleRevision> shared(Stream<Resource> used) {
    List<BundleRevision> shared = new ArrayList<>();
    Deque<Resource> open = new ArrayDeque<>(used.toList());
    while (!open.isEmpty()) {
      if (open.pop() instanceof BundleRevision revision
          && Locations.sharedDigest(revision.getBundle()).isPresent()
          && !shared.contains(revision)) {
        shared.add(revision);
        if (wirings.get(revision) instanceof BundleWiring wiring) {
          wires(wiring).map(BundleWire::getProvider).forEach(open::push);
        }
      }
    }
    return shared;
  }

  /** A capability that came with a fragment belongs to the host it is attached to. */
  private record Hosted(Resource host, Capability declared) implements HostedCapability {

    @Override
    public Resource getResource() {
      return host;
    }

    @Override
    public Capability getDeclaredCapability() {
      return declared;
    }

    @Override
    public String getNamespace() {
      return declared.getNamespace();
    }

    @Override
    public Map<String, String> getDirectives() {
      return declared.getDirectives();
    }

    @Override
    public Map<String, Object> getAttributes() {
      return declared.getAttributes();
    }
  }

  /** Whether the requirement is about the JDK's own packages, which every bundle simply has. */
  static boolean isJdk(Requirement requirement) {
    return Requirements.name(requirement).filter(name -> name.startsWith("java.")).isPresent()
        && requirement.getNamespace().equals("osgi.wiring.package");
  }
}
