package io.gantry.spi.module;

import java.util.List;
import java.util.Set;

/**
 * A module that was found, downloaded, verified and resolved, and can be installed without asking
 * anybody: the outcome of {@link ModuleRuntime#prepare}.
 *
 * @param spec what was asked for
 * @param version the bundle version that was chosen
 * @param sha256 digest of its jar, lower-case hex
 * @param shared the further bundles it needs that are not part of the runtime
 * @param singletons symbolic names of those of its bundles, itself included, beside which the
 *     framework resolves no second one of the same name
 */
public record PreparedModule(
    ModuleSpec spec,
    String version,
    String sha256,
    List<SharedBundle> shared,
    Set<String> singletons) {

  /** A bundle that modules share, counted by content. */
  public record SharedBundle(String symbolicName, String version, String sha256) {}

  /** One that consists of no singletons. */
  public PreparedModule(ModuleSpec spec, String version, String sha256, List<SharedBundle> shared) {
    this(spec, version, sha256, shared, Set.of());
  }

  /** The same, asked for in other words. */
  public PreparedModule with(ModuleSpec other) {
    return new PreparedModule(other, version, sha256, shared, singletons);
  }

  public PreparedModule {
    shared = List.copyOf(shared);
    singletons = Set.copyOf(singletons);
  }
}
