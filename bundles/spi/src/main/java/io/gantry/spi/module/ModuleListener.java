package io.gantry.spi.module;

import org.osgi.annotation.versioning.ConsumerType;

/** Is told that a module changed by itself; must only enqueue. */
@ConsumerType
@FunctionalInterface
public interface ModuleListener {

  /** The module as it is now. */
  void changed(InstalledModule module);
}
