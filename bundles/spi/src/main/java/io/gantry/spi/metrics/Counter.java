package io.gantry.spi.metrics;

import org.osgi.annotation.versioning.ProviderType;

/** A count that only goes up. */
@ProviderType
@FunctionalInterface
public interface Counter {

  /**
   * Counts one.
   *
   * @param labels the values of its labels, in their order
   */
  void increment(String... labels);
}
