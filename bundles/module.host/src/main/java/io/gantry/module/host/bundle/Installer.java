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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Puts module bundles and the bundles they share into the framework and takes them out again. A
 * shared bundle is installed once for each content and leaves with the last module that needs it or
 * is wired to it by way of others. Refreshing is limited to what was just uninstalled; what
 * somebody else is still wired to stays as it is until that one restarts.
 *
 * <p>Belongs to the runtime's serial executor, which never changes the framework itself: whoever
 * listens to a change is called by it, shared bundles have activators, and somebody else may just
 * be starting or stopping the bundle. Each change is a {@link Call}; what comes of it is told on
 * the owner.
 */
public final class Installer {

  // Installing copies whole jars to a disk that may be slow.
  private static final int PATIENCE = 10;

  private final BundleContext context;
  private final Cache cache;
  private final ModuleWalls walls;
  private final ModuleConfigurations configurations;
  private final Call.Maker calls;
  private final Call.Maker patientCalls;
  private final Executor owner;
  private final SharedBundles shared;
  private long generation;

  /**
   * A module in the framework.
   *
   * @param bundle the module's own bundle
   * @param shared those it shares, in the order of starting, and those that they are wired to
   * @param singleton whether no second version of it may run beside it
   */
  public record Installed(
      PreparedModule prepared, Bundle bundle, List<Bundle> shared, boolean singleton) {
    public Installed {
      shared = List.copyOf(shared);
    }

    /** All bundles, the module's own last. */
    public List<Bundle> all() {
      List<Bundle> all = new ArrayList<>(shared);
      all.add(bundle);
      return all;
    }

    /** The digests of the shared ones. */
    public Set<String> sharedDigests() {
      return shared.stream()
          .flatMap(one -> Locations.sharedDigest(one).stream())
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }

  public Installer(
      BundleContext context,
      Cache cache,
      ModuleWalls walls,
      ModuleConfigurations configurations,
      Call.Maker calls,
      Executor owner) {
    this.context = context;
    this.cache = cache;
    this.walls = walls;
    this.configurations = configurations;
    this.calls = calls;
    this.patientCalls = calls.withLimit(calls.limit().multipliedBy(PATIENCE));
    this.owner = owner;
    this.shared = new SharedBundles(context, calls, owner);
  }

  // ---- a former life -----------------------------------------------------------------------

  /**
   * Uninstalls what a former life of this runtime left in the framework.
   *
   * @return completes on the owner when it has left, or that is given up; never fails
   */
  public CompletionStage<Void> clean() {
    CompletionStage<Void> modules = CompletableFuture.completedFuture(null);
    Map<String, Bundle> left = new LinkedHashMap<>();
    for (Bundle bundle : context.getBundles()) {
      if (Locations.isModule(bundle)) {
        Call call =
            calls.call(
                SharedBundles.words(bundle),
                "uninstall",
                () -> SharedBundles.uninstall(bundle),
                () -> {});
        modules = modules.thenCombine(call.result().exceptionally(hangs -> null), (a, b) -> null);
      } else {
        Locations.sharedDigest(bundle).ifPresent(digest -> left.put(digest, bundle));
      }
    }
    return modules.thenComposeAsync(gone -> shared.uninstall(left), owner);
  }

  // ---- in ----------------------------------------------------------------------------------

  /** Checks that all jars are in the cache and as they should be. Reads them; any thread. */
  public void check(PreparedModule module) throws ModuleException {
    Set<String> digests = new LinkedHashSet<>(Set.of(module.sha256()));
    module.shared().forEach(one -> digests.add(one.sha256()));
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

  /**
   * Installs and resolves beside whatever is there, and sets the configuration; all or nothing. A
   * shared bundle that is just leaving is waited for.
   *
   * @return completes on the owner; fails with {@link ModuleException}
   */
  public CompletionStage<Installed> install(PreparedModule module) {
    Optional<CompletionStage<Void>> leaving = shared.leaving(module.shared());
    return leaving.isEmpty()
        ? installNow(module)
        : leaving
            .get()
            .handleAsync((left, failure) -> failure, owner)
            .thenCompose(
                failure ->
                    failure == null
                        ? install(module)
                        : CompletableFuture.failedFuture(hangs(module, failure)));
  }

  private static ModuleException hangs(PreparedModule module, Throwable failure) {
    return new ModuleException(
        "module "
            + module.spec().name()
            + " cannot be installed: "
            + failure.getMessage()
            + "; until that comes back, or the runtime is restarted, it cannot be used again",
        failure);
  }

  private CompletionStage<Installed> installNow(PreparedModule module) {
    String name = module.spec().name();
    String location = freeLocation(name);
    Set<String> digests = withWhatTheyAreWiredTo(module.shared());
    walls.allow(location, digests);
    shared.use(location, digests);
    CompletableFuture<Installed> installed = new CompletableFuture<>();
    Call call =
        patientCalls.call(
            "module " + name,
            "install",
            () -> installed.complete(install(module, location)),
            () -> {});
    CompletableFuture<Installed> result = new CompletableFuture<>();
    call.result()
        .handleAsync(
            (done, failure) -> {
              if (failure == null) {
                shared.use(location, installed.join().sharedDigests());
                return result.complete(installed.join());
              }
              return takeBack(call, location, name, digests)
                  .whenComplete((gone, ignored) -> result.completeExceptionally(failure));
            },
            owner)
        .whenComplete(
            (done, closing) -> {
              if (closing != null) {
                result.completeExceptionally(closing);
              }
            });
    return result;
  }

  /**
   * Another module may have brought one of them since this one was prepared, wired to others than
   * were found then. The two must agree on these.
   */
  private Set<String> withWhatTheyAreWiredTo(List<SharedBundle> needed) {
    Set<String> digests = new LinkedHashSet<>();
    List<Bundle> present = new ArrayList<>();
    for (SharedBundle one : needed) {
      digests.add(one.sha256());
      Bundle there = context.getBundle(Locations.shared(one.sha256()));
      if (there != null) {
        present.add(there);
      }
    }
    sharedAmong(present).forEach(bundle -> Locations.sharedDigest(bundle).ifPresent(digests::add));
    return digests;
  }

  /** At once, or, when the call hangs, as soon as it comes back. */
  private CompletionStage<Void> takeBack(
      Call call, String location, String name, Set<String> digests) {
    CompletionStage<Void> gone =
        call.returned().thenComposeAsync(back -> leave(location, name, digests), owner);
    return call.hangs() ? CompletableFuture.completedFuture(null) : gone;
  }

  private String freeLocation(String name) {
    String location;
    do {
      location = new ModuleLocation(name, ++generation).toString();
    } while (context.getBundle(location) != null);
    return location;
  }

  /** On the thread of the call. */
  private Installed install(PreparedModule module, String location) throws ModuleException {
    check(module);
    try {
      List<Bundle> all = new ArrayList<>();
      for (SharedBundle bundle : module.shared()) {
        all.add(installBundle(Locations.shared(bundle.sha256()), bundle.sha256()));
      }
      Bundle own = installBundle(location, module.sha256());
      all.add(own);
      resolve(module, all);
      configurations.set(module.spec(), own);
      return new Installed(module, own, sharedAmong(all), isSingleton(own));
    } catch (BundleException | IOException e) {
      throw new ModuleException(
          "module " + module.spec().name() + " cannot be installed: " + e.getMessage(), e);
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

  private void resolve(PreparedModule module, List<Bundle> all) throws ModuleException {
    if (wiring().resolveBundles(all)) {
      return;
    }
    for (Bundle bundle : all) {
      if (bundle.getState() == Bundle.INSTALLED) {
        throw ModuleException.outdated(
            "module "
                + module.spec().name()
                + " cannot be installed: "
                + bundle.getSymbolicName()
                + " "
                + bundle.getVersion()
                + " was resolved when it was prepared, but the framework has changed since;"
                + " prepare it again");
      }
    }
  }

  private static boolean isSingleton(Bundle bundle) {
    return bundle.adapt(BundleRevision.class).getDeclaredCapabilities(null).stream()
        .anyMatch(c -> "true".equals(c.getDirectives().get(Constants.SINGLETON_DIRECTIVE)));
  }

  /**
   * The shared ones among these, and those that they are wired to: of one that was there before,
   * these need not be among those that the module was prepared with.
   */
  private static List<Bundle> sharedAmong(List<Bundle> all) {
    Set<Bundle> shared = new LinkedHashSet<>();
    Deque<Bundle> open = new ArrayDeque<>(all);
    while (!open.isEmpty()) {
      Bundle bundle = open.poll();
      boolean isNew = Locations.sharedDigest(bundle).isPresent() && shared.add(bundle);
      BundleWiring wiring = bundle.adapt(BundleWiring.class);
      if (isNew && wiring != null) {
        wiring.getRequiredWires(null).forEach(wire -> open.add(wire.getProvider().getBundle()));
      }
    }
    return List.copyOf(shared);
  }

  // ---- out ---------------------------------------------------------------------------------

  /**
   * Uninstalls a stopped module, its configuration, and the shared bundles that nobody else needs.
   *
   * @return completes on the owner when they have left, or that is given up; never fails
   */
  public CompletionStage<Void> remove(Installed module) {
    return leave(
        module.bundle().getLocation(), module.prepared().spec().name(), module.sharedDigests());
  }

  /** What the module needs stays as long as itself. */
  private CompletionStage<Void> leave(String location, String name, Set<String> digests) {
    Call call = calls.call("module " + name, "uninstall", () -> uninstallOwn(location), () -> {});
    CompletableFuture<Void> gone = new CompletableFuture<>();
    call.returned()
        .thenComposeAsync(
            back -> {
              walls.forget(location);
              return shared.release(location, digests);
            },
            owner)
        .whenComplete((left, failure) -> gone.complete(null));
    call.result()
        .exceptionally(
            failure -> {
              if (call.hangs()) {
                gone.complete(null);
              }
              return null;
            });
    return gone;
  }

  /** On the thread of the call. */
  private void uninstallOwn(String location) throws BundleException, IOException {
    Bundle own = context.getBundle(location);
    if (own != null) {
      SharedBundles.uninstall(own);
    }
    configurations.remove(location);
  }

  private FrameworkWiring wiring() {
    return context.getBundle(0).adapt(FrameworkWiring.class);
  }

  /** The digests of all jars in use. */
  public static Set<String> digests(Collection<Installed> modules) {
    Set<String> digests = new LinkedHashSet<>();
    for (Installed module : modules) {
      digests.add(module.prepared().sha256());
      digests.addAll(module.sharedDigests());
    }
    return digests;
  }
}
