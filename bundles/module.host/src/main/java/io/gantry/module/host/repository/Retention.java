package io.gantry.module.host.repository;

import io.gantry.spi.module.PreparedModule;
import io.gantry.spi.module.PreparedModule.SharedBundle;
import io.gantry.spi.module.RepositoryRegistry.Collected;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Decides what stays in the cache: what is installed, what somebody said to retain, and what is
 * being prepared or was prepared and not spoken of since. Until somebody has said what to retain,
 * everything stays: after a start nobody knows yet what is needed. Any thread.
 */
public final class Retention {

  private final Cache cache;
  private final Jars jars;
  private final AtomicReference<Optional<Set<String>>> retained =
      new AtomicReference<>(Optional.empty());
  private volatile Set<String> installed = Set.of();

  Retention(Cache cache, Jars jars) {
    this.cache = cache;
    this.jars = jars;
  }

  /** The jars of a prepared module. */
  public static Set<String> digests(PreparedModule module) {
    Set<String> digests = new LinkedHashSet<>(Set.of(module.sha256()));
    module.shared().stream().map(SharedBundle::sha256).forEach(digests::add);
    return digests;
  }

  /** From now on these are installed, and no others. */
  public void installed(Set<String> digests) {
    installed = Set.copyOf(digests);
    sweep();
  }

  /** From now on these are needed, whether installed or not. */
  public void retain(Collection<PreparedModule> modules) {
    Set<String> digests = new LinkedHashSet<>();
    modules.forEach(module -> digests.addAll(digests(module)));
    retained.set(Optional.of(digests));
    sweep();
  }

  private Collected sweep() {
    Optional<Set<String>> needed = retained.get();
    if (needed.isEmpty()) {
      return cache.keepAll();
    }
    Set<String> all = new LinkedHashSet<>(needed.get());
    all.addAll(installed);
    cache.releaseAllWithin(all);
    return cache.retain(all);
  }

  /** Deletes what nobody needs, downloads that broke off included. */
  Collected collect() {
    jars.forgetPartials();
    return sweep();
  }
}
