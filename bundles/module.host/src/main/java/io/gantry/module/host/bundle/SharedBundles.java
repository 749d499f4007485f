package io.gantry.module.host.bundle;

import io.gantry.module.host.resolution.Locations;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who uses which shared bundle, and how those leave that nobody uses any more. They run as long as
 * they are installed, and so it is their stop that may hang. Belongs to the runtime's serial
 * executor.
 */
final class SharedBundles {

  private static final Logger LOG = LoggerFactory.getLogger(SharedBundles.class);

  private final BundleContext context;
  private final Call.Maker calls;
  private final Executor owner;
  private final Map<String, Set<String>> usersByDigest = new HashMap<>();
  // complete when the bundle has left, fail when that is given up; until it comes back after all
  private final Map<String, CompletionStage<Void>> leavingByDigest = new HashMap<>();

  SharedBundles(BundleContext context, Call.Maker calls, Executor owner) {
    this.context = context;
    this.calls = calls;
    this.owner = owner;
  }

  /** The module installed there uses these, besides those it uses already. */
  void use(String location, Set<String> digests) {
    for (String digest : digests) {
      usersByDigest.computeIfAbsent(digest, absent -> new LinkedHashSet<>()).add(location);
    }
  }

  /** Completes when one of these that is just leaving has left; fails when it hangs. */
  Optional<CompletionStage<Void>> leaving(Collection<SharedBundle> wanted) {
    return wanted.stream()
        .filter(one -> context.getBundle(Locations.shared(one.sha256())) != null)
        .flatMap(one -> Stream.ofNullable(leavingByDigest.get(one.sha256())))
        .findFirst();
  }

  /**
   * The module installed there uses none any more. Those that nobody else needs leave, in the
   * reverse of the order of starting.
   *
   * @return completes on the owner when they have left, or that is given up; never fails
   */
  CompletionStage<Void> release(String location, Set<String> digests) {
    List<String> reversed = new ArrayList<>(digests);
    Collections.reverse(reversed);
    Map<String, Bundle> leaving = new LinkedHashMap<>();
    for (String digest : reversed) {
      Set<String> users = usersByDigest.getOrDefault(digest, new HashSet<>());
      Bundle bundle = context.getBundle(Locations.shared(digest));
      if (users.remove(location) && users.isEmpty()) {
        usersByDigest.remove(digest);
        if (bundle != null) {
          leaving.put(digest, bundle);
        }
      }
    }
    return uninstall(leaving);
  }

  /** One after another; one that hangs does not hold up the others for longer than its call. */
  CompletionStage<Void> uninstall(Map<String, Bundle> bundles) {
    CompletionStage<Void> all = CompletableFuture.completedFuture(null);
    for (Map.Entry<String, Bundle> entry : bundles.entrySet()) {
      CompletableFuture<Void> left = new CompletableFuture<>();
      leavingByDigest.put(entry.getKey(), left);
      all =
          all.thenComposeAsync(before -> uninstall(entry.getKey(), entry.getValue(), left), owner);
    }
    return all;
  }

  private CompletionStage<Void> uninstall(
      String digest, Bundle bundle, CompletableFuture<Void> left) {
    Call call = calls.call(words(bundle), "stop", () -> uninstall(bundle), () -> {});
    call.returned()
        .thenRunAsync(
            () -> {
              leavingByDigest.remove(digest, left);
              left.complete(null);
            },
            owner)
        .exceptionally(
            closing -> {
              left.complete(null);
              return null;
            });
    call.result()
        .exceptionally(
            failure -> {
              if (call.hangs()) {
                left.completeExceptionally(failure);
              }
              return null;
            });
    return left.exceptionally(hangs -> null);
  }

  /** On the thread of a call. */
  static void uninstall(Bundle bundle) throws BundleException {
    try {
      if (bundle.getState() == Bundle.ACTIVE) {
        bundle.stop(Bundle.STOP_TRANSIENT);
      }
    } catch (BundleException | IllegalStateException e) {
      LOG.warn("{} did not stop well: {}", words(bundle), Thrown.text(e));
    }
    // What made a stop come back must not keep the bundle from leaving.
    Thread.interrupted();
    if (bundle.getState() != Bundle.UNINSTALLED) {
      bundle.uninstall();
    }
  }

  static String words(Bundle bundle) {
    return "bundle " + bundle.getSymbolicName() + " " + bundle.getVersion();
  }
}
