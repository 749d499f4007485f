package io.gantry.module.host.bundle;

import io.gantry.module.host.configuration.ModuleConfigurations;
import io.gantry.module.host.repository.Cache;
import io.gantry.module.host.resolution.Locations;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts module bundles and the bundles they share into the framework and takes them out again. A
 * shared bundle is installed once for each content and leaves with its last user. Refreshing is
 * limited to what was just uninstalled; what somebody else is still wired to stays as it is until
 * that one restarts. Belongs to the runtime's serial executor.
 */
public final class Installer {

  private static final Logger LOG = LoggerFactory.getLogger(Installer.class);

  private final BundleContext context;
  private final Cache cache;
  private final ModuleWalls walls;
  private final ModuleConfigurations configurations;
  private final Map<String, Set<String>> usersByDigest = new HashMap<>();
  private long generation;

  /**
   * A module in the framework.
   *
   * @param bundle the module's own bundle
   * @param shared those it shares, in the order of starting
   */
  public record Installed(PreparedModule prepared, Bundle bundle, List<Bundle> shared) {
    public Installed {
      shared = List.copyOf(shared);
    }

    /** All bundles, the module's own last. */
    public List<Bundle> all() {
      List<Bundle> all = new ArrayList<>(shared);
      all.add(bundle);
      return all;
    }

    /** Whether no second version of it can be resolved beside it. */
    public boolean isSingleton() {
      return bundle.adapt(BundleRevision.class).getDeclaredCapabilities(null).stream()
          .anyMatch(c -> "true".equals(c.getDirectives().get(Constants.SINGLETON_DIRECTIVE)));
    }
  }

  public Installer(
      BundleContext context, Cache cache, ModuleWalls walls, ModuleConfigurations configurations) {
    this.context = context;
    this.cache = cache;
    this.walls = walls;
    this.configurations = configurations;
  }

  /** Uninstalls what a former life of this runtime left in the framework. */
  public void clean() throws IOException {
    List<Bundle> leftovers = new ArrayList<>();
    for (Bundle bundle : context.getBundles()) {
      if (!Locations.isRuntime(bundle)) {
        leftovers.add(bundle);
      }
    }
    leftovers.forEach(this::uninstall);
    refresh(leftovers);
    configurations.removeAll();
  }

  /** Checks that all jars are in the cache and as they should be. */
  public void check(PreparedModule module) throws ModuleException {
    Set<String> digests = new LinkedHashSet<>(Set.of(module.sha256()));
    module.shared().forEach(shared -> digests.add(shared.sha256()));
    for (String sha256 : digests) {
      if (!cache.isIntact(sha256)) {
        throw new ModuleException(
            "module "
                + module.spec().name()
                + " cannot be installed: expected a jar with sha256:"
                + sha256
                + " in the local cache, found "
                + (cache.contains(sha256) ? "another content" : "none")
                + "; prepare it again");
      }
    }
  }

  /** Installs beside whatever is there, and sets the configuration; all or nothing. */
  public Installed install(PreparedModule module) throws ModuleException {
    String name = module.spec().name();
    String location = new ModuleLocation(name, ++generation).toString();
    walls.allow(
        location, module.shared().stream().map(SharedBundle::sha256).collect(Collectors.toSet()));
    List<Bundle> shared = new ArrayList<>();
    try {
      for (SharedBundle bundle : module.shared()) {
        shared.add(installBundle(Locations.shared(bundle.sha256()), bundle.sha256()));
        usersByDigest
            .computeIfAbsent(bundle.sha256(), digest -> new LinkedHashSet<>())
            .add(location);
      }
      Bundle bundle = installBundle(location, module.sha256());
      configurations.set(module.spec(), bundle);
      return new Installed(module, bundle, shared);
    } catch (BundleException | IOException | IllegalArgumentException e) {
      leave(location, shared);
      throw new ModuleException("module " + name + " cannot be installed: " + e.getMessage(), e);
    }
  }

  private Bundle installBundle(String location, String sha256) throws BundleException, IOException {
    Bundle present = context.getBundle(location);
    if (present != null) {
      return present;
    }
    try (InputStream jar = Files.newInputStream(cache.path(sha256))) {
      Bundle bundle = context.installBundle(location, jar);
      bundle.adapt(BundleStartLevel.class).setStartLevel(startLevel());
      return bundle;
    }
  }

  /** The present one: what came last leaves first, so that modules never outlive the hub. */
  private int startLevel() {
    return Math.max(1, context.getBundle(0).adapt(FrameworkStartLevel.class).getStartLevel());
  }

  /** Resolves exactly the bundles of this module. */
  public void resolve(Installed module) throws ModuleException {
    if (wiring().resolveBundles(module.all())) {
      return;
    }
    for (Bundle bundle : module.all()) {
      if (bundle.getState() == Bundle.INSTALLED) {
        throw new ModuleException(
            "module "
                + module.prepared().spec().name()
                + " cannot be installed: "
                + bundle.getSymbolicName()
                + " "
                + bundle.getVersion()
                + " was resolved when it was prepared, but the framework has changed since;"
                + " prepare it again");
      }
    }
  }

  /**
   * Takes a stopped module out of the wiring without uninstalling it, so that another version of a
   * singleton can be resolved.
   *
   * @return completes on a thread of the framework
   */
  public CompletionStage<Void> unresolve(Installed module) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    walls.exempt(module.bundle().getLocation());
    wiring().refreshBundles(List.of(module.bundle()), event -> done.complete(null));
    return done;
  }

  /** What was taken out of the wiring may be started again, for there is no other any more. */
  public void include(Installed module) {
    walls.include(module.bundle().getLocation());
  }

  /** Uninstalls a stopped module, its configuration, and the shared bundles it alone used. */
  public void remove(Installed module) {
    leave(module.bundle().getLocation(), module.shared());
  }

  private void leave(String location, List<Bundle> shared) {
    List<Bundle> gone = new ArrayList<>();
    Bundle own = context.getBundle(location);
    if (own != null) {
      uninstall(own);
      gone.add(own);
    }
    for (Bundle bundle : shared) {
      String digest = Locations.sharedDigest(bundle).orElseThrow();
      Set<String> users = usersByDigest.get(digest);
      if (users != null && users.remove(location) && users.isEmpty()) {
        usersByDigest.remove(digest);
        uninstall(bundle);
        gone.add(bundle);
      }
    }
    walls.forget(location);
    refresh(gone);
    try {
      configurations.remove(location);
    } catch (IOException e) {
      LOG.warn("{}: its configuration cannot be deleted: {}", location, e.toString());
    }
  }

  private void uninstall(Bundle bundle) {
    try {
      if (bundle.getState() != Bundle.UNINSTALLED) {
        bundle.uninstall();
      }
    } catch (BundleException | IllegalStateException e) {
      LOG.warn("{}: it cannot be uninstalled: {}", bundle.getLocation(), e.toString());
    }
  }

  /** Felix forgets most of it while uninstalling; this is for what other leavers were wired to. */
  private void refresh(List<Bundle> gone) {
    Collection<Bundle> pending = new ArrayList<>(wiring().getRemovalPendingBundles());
    pending.retainAll(gone);
    if (pending.isEmpty()) {
      return;
    }
    Collection<Bundle> disturbed = new ArrayList<>(wiring().getDependencyClosure(pending));
    disturbed.removeAll(pending);
    if (disturbed.isEmpty()) {
      wiring().refreshBundles(pending);
    } else {
      LOG.warn("{} are uninstalled, but stay in use by {} until those restart", pending, disturbed);
    }
  }

  private FrameworkWiring wiring() {
    return context.getBundle(0).adapt(FrameworkWiring.class);
  }

  /** The digests of all jars in use. */
  public static Set<String> digests(Collection<Installed> modules) {
    Set<String> digests = new LinkedHashSet<>();
    for (Installed module : modules) {
      digests.add(module.prepared().sha256());
      module.prepared().shared().forEach(shared -> digests.add(shared.sha256()));
    }
    return digests;
  }
}
