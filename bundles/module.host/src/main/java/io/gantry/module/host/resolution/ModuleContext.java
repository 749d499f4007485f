package io.gantry.module.host.resolution;

import io.gantry.module.host.fetch.Cancellation;
import io.gantry.module.host.index.IndexedResource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolveContext;

/**
 * The question put to the resolver: what does this module need beyond what is resolved already?
 * Among several providers the order decides: installed before downloaded, the requirer itself
 * before others, then the highest version. One question, one thread.
 */
final class ModuleContext extends ResolveContext {

  private final IndexedResource module;
  private final FrameworkView framework;
  private final Cancellation cancellation;
  private volatile Runnable end = () -> {};
  private final Map<String, List<Capability>> offers = new HashMap<>();
  private final List<IndexedResource> clashing = new ArrayList<>();
  private final Map<String, Filter> filters = new HashMap<>();

  ModuleContext(
      IndexedResource module,
      Collection<IndexedResource> catalog,
      FrameworkView framework,
      Cancellation cancellation) {
    this.module = module;
    this.framework = framework;
    this.cancellation = cancellation;
    offer(module);
    for (IndexedResource resource : catalog) {
      if (resource != module && isUsable(resource)) {
        if (clashes(resource)) {
          clashing.add(resource);
        } else {
          offer(resource);
        }
      }
    }
  }

  /** A bundle that is there already must not come a second time. */
  private boolean isUsable(IndexedResource resource) {
    return !resource.symbolicName().equals(module.symbolicName())
        && !framework.has(resource.symbolicName(), resource.version());
  }

  /** The framework resolves no second version of a singleton. */
  private boolean clashes(IndexedResource resource) {
    return resource.isSingleton() && framework.hasSingleton(resource.symbolicName());
  }

  private void offer(IndexedResource resource) {
    for (Capability capability : resource.getCapabilities(null)) {
      offers.computeIfAbsent(capability.getNamespace(), n -> new ArrayList<>()).add(capability);
    }
  }

  /** There are questions, and indexes that ask them, over which a resolver ponders for ever. */
  @Override
  public void onCancel(Runnable callback) {
    end = callback;
    cancellation.listen(callback);
  }

  /** Lets the resolver give up. Any thread. */
  void end() {
    end.run();
  }

  @Override
  public Collection<Resource> getMandatoryResources() {
    return List.of(module);
  }

  @Override
  public List<Capability> findProviders(Requirement requirement) {
    List<Capability> found = new ArrayList<>();
    for (Capability capability : all(requirement.getNamespace())) {
      if (matches(requirement, capability)) {
        found.add(capability);
      }
    }
    found.sort(order(requirement));
    return found;
  }

  /** What would satisfy the requirement, but is a singleton of which another version is there. */
  List<IndexedResource> clashing(Requirement requirement) {
    return clashing.stream()
        .filter(
            resource ->
                resource.getCapabilities(requirement.getNamespace()).stream()
                    .anyMatch(capability -> matches(requirement, capability)))
        .toList();
  }

  /** The bundles of this name that are in the framework. */
  List<BundleRevision> installed(String symbolicName) {
    return framework.installed(symbolicName);
  }

  /** All capabilities of a namespace, installed ones first. */
  List<Capability> all(String namespace) {
    List<Capability> all = new ArrayList<>(framework.providers(namespace));
    all.addAll(offers.getOrDefault(namespace, List.of()));
    return all;
  }

  private static Comparator<Capability> order(Requirement requirement) {
    return Comparator.comparing((Capability c) -> !(c.getResource() instanceof BundleRevision))
        .thenComparing(c -> c.getResource() != requirement.getResource())
        .thenComparing(Requirements::version, Comparator.reverseOrder());
  }

  private boolean matches(Requirement requirement, Capability capability) {
    String text = Requirements.filter(requirement);
    if (!text.isEmpty() && !filter(text).matches(capability.getAttributes())) {
      return false;
    }
    String mandatory = capability.getDirectives().getOrDefault("mandatory", "");
    for (String name : mandatory.split(",")) {
      if (!name.isBlank() && !text.contains("(" + name.strip() + "=")) {
        return false;
      }
    }
    return true;
  }

  private Filter filter(String text) {
    return filters.computeIfAbsent(
        text,
        t -> {
          try {
            return FrameworkUtil.createFilter(t);
          } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException("a requirement has the malformed filter " + t, e);
          }
        });
  }

  @Override
  public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
    int index = 0;
    while (index < capabilities.size()
        && Requirements.version(capabilities.get(index)).compareTo(Requirements.version(hosted))
            > 0) {
      index++;
    }
    capabilities.add(index, hosted);
    return index;
  }

  @Override
  public boolean isEffective(Requirement requirement) {
    String effective =
        requirement
            .getDirectives()
            .getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE);
    return effective.equals(Namespace.EFFECTIVE_RESOLVE) && !FrameworkView.isJdk(requirement);
  }

  static boolean isOptional(Requirement requirement) {
    String resolution = requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
    return Namespace.RESOLUTION_OPTIONAL.equals(resolution) || "dynamic".equals(resolution);
  }

  @Override
  public Map<Resource, Wiring> getWirings() {
    return framework.wirings();
  }

  IndexedResource module() {
    return module;
  }
}
