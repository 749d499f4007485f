package io.gantry.agent.run;

import io.gantry.agent.manifest.DeclaredModule;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import java.util.Optional;

/**
 * Exactly which bundle a declaration has led to. The framework forgets its bundles at every start
 * of the process; with the pin the same ones come back from the cache, without a network and
 * without an update that nobody has asked for.
 *
 * @param image as declared
 * @param version text as declared
 * @param bundleVersion the bundle's version
 * @param sha256 its digest
 */
public record Pin(String image, String version, String bundleVersion, String sha256) {

  static Pin of(DeclaredModule declared, PreparedModule prepared) {
    return new Pin(declared.imageText(), declared.version(), prepared.version(), prepared.sha256());
  }

  boolean isFor(DeclaredModule declared) {
    return image.equals(declared.imageText()) && version.equals(declared.version());
  }

  /** The declaration with the image pinned, to be had from the cache only. */
  ModuleSpec spec(DeclaredModule declared) {
    ImageReference exact =
        new ImageReference(
            declared.image().repository(),
            declared.image().symbolicName(),
            Optional.of(bundleVersion),
            Optional.of(sha256));
    return new ModuleSpec(
        declared.name(), exact, PullPolicy.NEVER, declared.env(), declared.configuration());
  }
}
