package io.gantry.spi.metrics;

import io.gantry.spi.execution.Cancellable;
import java.io.IOException;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The figures that monitoring reads, by the names, kinds and labels of Prometheus. A name that is
 * asked for again gives the same figure, so that a bundle may come again. Safe from any thread.
 *
 * <p>Nothing of this is for what happens with every message: that is counted where it happens, and
 * the count is offered as a reading, which costs nothing until somebody looks.
 *
 * <p>Of each name a bounded number of series is kept. When there are more, the one that has not
 * changed for longest is forgotten.
 *
 * <p>A name or label that is none for Prometheus, a name that is in use for another kind of figure
 * or other labels, and values that are more or fewer than the labels are an {@code
 * IllegalArgumentException}.
 */
@ProviderType
public interface Metrics {

  /**
   * Something that is counted from now on.
   *
   * @param help one sentence for whoever reads it
   * @param labels the names of what distinguishes its series
   */
  Counter counter(String name, String help, String... labels);

  /**
   * Something that takes time or has a size. Shown are the quantiles 0.1, 0.5, 0.9 and 0.99 of what
   * was observed within the last hour ({@code NaN} when nothing was), and sum and number of all.
   */
  Summary summary(String name, String help, String... labels);

  /**
   * A count that somebody keeps anyway. Another reading of the same name takes the place of this
   * one.
   *
   * @return ends it
   */
  Cancellable readCounter(String name, String help, Readings readings, String... labels);

  /** A value that goes up and down and that somebody knows anyway; otherwise as above. */
  Cancellable readGauge(String name, String help, Readings readings, String... labels);

  /**
   * Writes all of them in the text format 0.0.4 of Prometheus. A reading that fails is left out and
   * logged; the others are written.
   *
   * @param common labels of every series
   */
  void write(Map<String, String> common, Appendable out) throws IOException;
}
