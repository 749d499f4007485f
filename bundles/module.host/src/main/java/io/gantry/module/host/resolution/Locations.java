package io.gantry.module.host.resolution;

import io.gantry.spi.module.ModuleLocation;
import java.util.Optional;
import org.osgi.framework.Bundle;

/** Tells the three kinds of bundles apart by their install locations. */
public final class Locations {

  private Locations() {}

  /** Where a shared bundle of this content is installed. */
  public static String shared(String sha256) {
    return ModuleLocation.SHARED + sha256;
  }

  /** The digest of a shared bundle; empty when it is none. */
  public static Optional<String> sharedDigest(Bundle bundle) {
    String location = bundle.getLocation();
    return location.startsWith(ModuleLocation.SHARED)
        ? Optional.of(location.substring(ModuleLocation.SHARED.length()))
        : Optional.empty();
  }

  /** Whether the bundle is a module. */
  public static boolean isModule(Bundle bundle) {
    return ModuleLocation.parse(bundle.getLocation()).isPresent();
  }

  /** Whether the bundle belongs to the runtime itself: neither a module nor shared by modules. */
  public static boolean isRuntime(Bundle bundle) {
    return !isModule(bundle) && sharedDigest(bundle).isEmpty();
  }
}
