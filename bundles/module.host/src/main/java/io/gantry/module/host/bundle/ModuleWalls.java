package io.gantry.module.host.bundle;

import io.gantry.module.host.resolution.Locations;
import io.gantry.spi.module.ModuleLocation;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
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
 * never wired to what modules brought along, a module only to the shared bundles that it was
 * prepared with, and a shared bundle only to those that one of its modules was prepared with. That
 * is why replacing a module disturbs no other. Called on any thread.
 */
public final class ModuleWalls implements ResolverHookFactory {

  private final Map<String, Set<String>> sharedByModule = new ConcurrentHashMap<>();

  /** The module installed there may use the shared bundles of these digests. */
  void allow(String location, Set<String> digests) {
    sharedByModule.put(location, Set.copyOf(digests));
  }

  /** The module is gone. */
  void forget(String location) {
    sharedByModule.remove(location);
  }

  @Override
  public ResolverHook begin(Collection<BundleRevision> triggers) {
    return new Hook();
  }

  private boolean mayUse(Bundle requirer, Bundle provider) {
    if (requirer.equals(provider) || Locations.isRuntime(provider)) {
      return true;
    }
    Optional<String> wanted = Locations.sharedDigest(provider);
    if (wanted.isEmpty() || Locations.isRuntime(requirer)) {
      return false;
    }
    Optional<String> shared = Locations.sharedDigest(requirer);
    return shared.isEmpty()
        ? sharedByModule.getOrDefault(requirer.getLocation(), Set.of()).contains(wanted.get())
        : sharedByModule.values().stream()
            .anyMatch(those -> those.contains(shared.get()) && those.contains(wanted.get()));
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

    /**
     * The generations of a module, of which never two run when it is a singleton, are in nobody's
     * way: so the next one can be resolved before the present one is stopped for it.
     */
    @Override
    public void filterSingletonCollisions(
        BundleCapability singleton, Collection<BundleCapability> collisions) {
      module(singleton)
          .ifPresent(name -> collisions.removeIf(c -> module(c).filter(name::equals).isPresent()));
    }

    private Optional<String> module(BundleCapability singleton) {
      return ModuleLocation.parse(singleton.getRevision().getBundle().getLocation())
          .map(ModuleLocation::module);
    }

    @Override
    public void end() {
      // Nothing was kept.
    }
  }
}
