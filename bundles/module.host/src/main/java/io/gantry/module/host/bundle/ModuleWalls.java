package io.gantry.module.host.bundle;

import io.gantry.module.host.resolution.Locations;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Keeps the framework from wiring what was not agreed: nobody is wired to a module, the runtime is
 * never wired to what modules brought along, and a module only to the shared bundles that it was
 * prepared with. That is why replacing a module disturbs no other. Called on any thread.
 */
public final class ModuleWalls implements ResolverHookFactory {

  private final Map<String, Set<String>> sharedByModule = new ConcurrentHashMap<>();
  private final Set<String> exempted = ConcurrentHashMap.newKeySet();

  /** The module installed there may use the shared bundles of these digests. */
  void allow(String location, Set<String> digests) {
    sharedByModule.put(location, Set.copyOf(digests));
  }

  /**
   * The module installed there stands in the way of no other version of itself until {@link
   * #include}: of two versions of a singleton Felix would resolve the lower one only. That nobody
   * resolves both is the affair of who asks for this.
   */
  void exempt(String location) {
    exempted.add(location);
  }

  /** The module installed there is a singleton as any other. */
  void include(String location) {
    exempted.remove(location);
  }

  /** The module is gone. */
  void forget(String location) {
    sharedByModule.remove(location);
    exempted.remove(location);
  }

  @Override
  public ResolverHook begin(Collection<BundleRevision> triggers) {
    return new Hook();
  }

  private boolean mayUse(Bundle requirer, Bundle provider) {
    if (requirer.equals(provider) || Locations.isRuntime(provider)) {
      return true;
    }
    if (Locations.isModule(provider) || Locations.isRuntime(requirer)) {
      return false;
    }
    return !Locations.isModule(requirer)
        || Locations.sharedDigest(provider)
            .filter(sharedByModule.getOrDefault(requirer.getLocation(), Set.of())::contains)
            .isPresent();
  }

  private final class Hook implements ResolverHook {

    @Override
    public void filterMatches(
        BundleRequirement requirement, Collection<BundleCapability> candidates) {
      Bundle requirer = requirement.getRevision().getBundle();
      candidates.removeIf(c -> !mayUse(requirer, c.getRevision().getBundle()));
    }

    @Override
    public void filterResolvable(Collection<BundleRevision> candidates) {
      // What may be resolved at all is none of our business.
    }

    @Override
    public void filterSingletonCollisions(
        BundleCapability singleton, Collection<BundleCapability> collisions) {
      if (isExempted(singleton)) {
        collisions.clear();
      } else {
        collisions.removeIf(this::isExempted);
      }
    }

    private boolean isExempted(BundleCapability singleton) {
      return exempted.contains(singleton.getRevision().getBundle().getLocation());
    }

    @Override
    public void end() {
      // Nothing was kept.
    }
  }
}
