package io.gantry.api.module;

import static java.util.Objects.requireNonNull;

/**
 * The twin of a device or module: what is desired of it, and what it reports (IoT Hub, "Understand
 * and use device twins"). Both parts are JSON objects without {@code $version}, which stands beside
 * them. Immutable.
 *
 * @param desired set by the back end
 * @param desiredVersion counts up by one with each change of the desired properties; 1 for those
 *     that nobody has set
 * @param reported set by the device or module
 * @param reportedVersion the same for the reported properties
 */
public record Twin(String desired, long desiredVersion, String reported, long reportedVersion) {

  public Twin {
    requireNonNull(desired);
    requireNonNull(reported);
  }
}
