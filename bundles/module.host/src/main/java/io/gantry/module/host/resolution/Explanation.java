package io.gantry.module.host.resolution;

import static org.osgi.framework.namespace.ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE;

import io.gantry.module.host.index.IndexedResource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.service.resolver.ResolutionException;

/**
 * Turns the resolver's refusal into sentences for a person: what is missing, who asks for it along
 * which chain, where it was looked for, and what is there instead.
 */
final class Explanation {

  /** Who pulled a resource into the resolution, and by which requirement. */
  private record Step(Resource requirer, Requirement requirement) {}

  private final String moduleName;
  private final ModuleContext context;
  private final List<String> places;

  Explanation(String moduleName, ModuleContext context, List<String> places) {
    this.moduleName = moduleName;
    this.context = context;
    this.places = places;
  }

  String of(ResolutionException refusal) {
    String head = "module " + moduleName + " (" + context.module() + ") cannot be resolved: ";
    return innermost(refusal).getUnresolvedRequirements().stream()
        .findFirst()
        .map(requirement -> head + because(requirement, refusal))
        .orElse(head + refusal.getMessage());
  }

  /** The resolver wraps the refusal of a provider into that of its requirer. */
  private static ResolutionException innermost(ResolutionException refusal) {
    ResolutionException at = refusal;
    while (at.getCause() instanceof ResolutionException cause
        && !cause.getUnresolvedRequirements().isEmpty()) {
      at = cause;
    }
    return at;
  }

  private String because(Requirement requirement, ResolutionException refusal) {
    String asks = chain(requirement) + Requirements.words(requirement);
    if (!context.findProviders(requirement).isEmpty()) {
      return asks
          + ", but what provides it contradicts the rest: two versions of one package would meet"
          + " in one bundle. The resolver says: "
          + refusal.getMessage();
    }
    if (requirement.getNamespace().equals(EXECUTION_ENVIRONMENT_NAMESPACE)) {
      return asks + ", but this gateway runs Java " + Runtime.version().feature();
    }
    List<IndexedResource> clashing = context.clashing(requirement);
    if (!clashing.isEmpty()) {
      return asks + clash(clashing.get(0));
    }
    return asks
        + ", which is neither in the runtime nor in "
        + (places.isEmpty() ? "a repository (none is configured)" : String.join(", ", places))
        + "; "
        + instead(requirement);
  }

  private String clash(IndexedResource wanted) {
    String there =
        context.installed(wanted.symbolicName()).stream()
            .map(Explanation::name)
            .collect(Collectors.joining(", "));
    return ", which "
        + wanted
        + " in "
        + wanted.repository()
        + " has; but that is a singleton, and no second version of it can be beside "
        + there
        + ", which stays for as long as it is used";
  }

  /** For example {@code it needs com.acme.lib 1.0.0, which needs}. */
  private String chain(Requirement missing) {
    Map<Resource, Step> steps = walk();
    Deque<String> names = new ArrayDeque<>();
    Set<Resource> seen = new HashSet<>();
    Resource at = missing.getResource();
    while (at != context.module() && steps.containsKey(at) && seen.add(at)) {
      Step step = steps.get(at);
      names.push(name(at) + " (for " + Requirements.words(step.requirement()) + ")");
      at = step.requirer();
    }
    return "it needs "
        + names.stream().map(name -> name + ", which needs ").collect(Collectors.joining());
  }

  /** Breadth first from the module through all that could be wired to it. */
  private Map<Resource, Step> walk() {
    Map<Resource, Step> steps = new HashMap<>();
    Deque<Resource> open = new ArrayDeque<>(List.of(context.module()));
    while (!open.isEmpty()) {
      Resource requirer = open.poll();
      for (Requirement requirement : requirer.getRequirements(null)) {
        if (!context.isEffective(requirement)) {
          continue;
        }
        for (Capability provider : context.findProviders(requirement)) {
          Resource resource = provider.getResource();
          if (resource instanceof IndexedResource
              && resource != context.module()
              && steps.putIfAbsent(resource, new Step(requirer, requirement)) == null) {
            open.add(resource);
          }
        }
      }
    }
    return steps;
  }

  /**
   * The nearest that there is, which tells what would have to come or to ask for something else.
   */
  private String instead(Requirement requirement) {
    List<Capability> others = new ArrayList<>();
    for (Capability capability : context.all(requirement.getNamespace())) {
      if (Requirements.name(capability).isPresent()
          && Requirements.name(capability).equals(Requirements.name(requirement))) {
        others.add(capability);
      }
    }
    String there =
        Nearest.first(others, Requirements::version, Requirements.range(requirement))
            .map(this::offer)
            .distinct()
            .limit(Nearest.SHOWN)
            .collect(Collectors.joining(", "));
    return there.isEmpty() ? "no other version of it is there either" : "there is " + there;
  }

  private String offer(Capability capability) {
    Resource resource = capability.getResource();
    return Requirements.version(capability)
        + " in "
        + name(resource)
        + (resource instanceof IndexedResource indexed && places.size() > 1
            ? " in " + indexed.repository()
            : "");
  }

  private static String name(Resource resource) {
    if (resource instanceof BundleRevision revision) {
      return revision.getSymbolicName() + " " + revision.getVersion() + " (installed)";
    }
    return resource.toString();
  }
}
