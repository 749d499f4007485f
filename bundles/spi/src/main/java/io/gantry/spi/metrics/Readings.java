package io.gantry.spi.metrics;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** Values that are asked for when somebody looks, on the thread of whoever looks. */
@ConsumerType
@FunctionalInterface
public interface Readings {

  /** Tells all values there are now; tells none where none is known. */
  void read(Readout to);

  /** Is told values. */
  @ProviderType
  @FunctionalInterface
  interface Readout {

    /**
     * One value.
     *
     * @param labels the values of its labels, in their order
     */
    void value(double value, String... labels);
  }
}
