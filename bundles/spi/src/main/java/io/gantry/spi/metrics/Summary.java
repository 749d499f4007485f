package io.gantry.spi.metrics;

import org.osgi.annotation.versioning.ProviderType;

/** The distribution of values that are observed now and then. */
@ProviderType
@FunctionalInterface
public interface Summary {

  /**
   * Takes one in.
   *
   * @param labels the values of its labels, in their order
   */
  void observe(double value, String... labels);
}
