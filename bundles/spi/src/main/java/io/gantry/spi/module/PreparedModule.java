package io.gantry.spi.module;

import java.util.List;

/**
 * A module that was found, downloaded, verified and resolved, and can be installed without asking
 * anybody: the outcome of {@link ModuleRuntime#prepare}.
 *
 * @param spec what was asked for
 * @param version the bundle version that was chosen
 * @param sha256 digest of its jar, lower-case hex
 * @param shared the further bundles it needs that are not part of the runtime
 */
public record PreparedModule(
    ModuleSpec spec, String version, String sha256, List<SharedBundle> shared) {

  /** A bundle that modules share, counted by content. */
  public record SharedBundle(String symbolicName, String version, String sha256) {}

  public PreparedModule {
    shared = List.copyOf(shared);
  }
}
