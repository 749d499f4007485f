package io.gantry.api.module;

import static java.util.Objects.requireNonNull;

/**
 * A change of desired properties.
 *
 * @param patch a JSON object without {@code $version}: objects merge, null removes, everything else
 *     replaces
 * @param version of the desired properties with this change
 */
public record DesiredChange(String patch, long version) {

  public DesiredChange {
    requireNonNull(patch);
  }
}
