package io.gantry.agent.run;

import io.gantry.agent.manifest.DeclaredModule;

/**
 * Which declaration a module was last installed for. Kept over restarts of the process, so that a
 * declaration that has changed since is told from one that only has to be installed again.
 *
 * @param image as declared
 * @param version text as declared
 */
public record Origin(String image, String version) {

  static Origin of(DeclaredModule declared) {
    return new Origin(declared.image().toString(), declared.version());
  }

  boolean isOf(DeclaredModule declared) {
    return equals(of(declared));
  }
}
