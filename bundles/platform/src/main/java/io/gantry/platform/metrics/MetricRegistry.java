package io.gantry.platform.metrics;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings;
import io.gantry.spi.metrics.Summary;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * All figures, by name. Of our own and not a library's, since those bring a clock and a thread of
 * their own (decision record 0017).
 */
public final class MetricRegistry implements Metrics {

  private final InstantSource clock;
  private final ConcurrentNavigableMap<String, Family> families = new ConcurrentSkipListMap<>();

  /** None yet; what was observed grows old by this clock. */
  public MetricRegistry(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Counter counter(String name, String help, String... labels) {
    return (Counter) kept(new CounterFamily(name, help, List.of(labels)));
  }

  @Override
  public Summary summary(String name, String help, String... labels) {
    return (Summary) kept(new SummaryFamily(name, help, List.of(labels), clock));
  }

  private Family kept(Family wanted) {
    Family known = families.putIfAbsent(wanted.name(), wanted);
    return known == null ? wanted : alike(known, wanted);
  }

  private static Family alike(Family known, Family wanted) {
    if (!known.isLike(wanted)) {
      throw new IllegalArgumentException(
          wanted.name() + " is in use for another kind of figure, or with other labels");
    }
    return known;
  }

  @Override
  public Cancellable readCounter(String name, String help, Readings readings, String... labels) {
    return read(new ReadFamily(name, CounterFamily.TYPE, help, List.of(labels), readings));
  }

  @Override
  public Cancellable readGauge(String name, String help, Readings readings, String... labels) {
    return read(new ReadFamily(name, ReadFamily.GAUGE, help, List.of(labels), readings));
  }

  private Cancellable read(Family wanted) {
    families.merge(
        wanted.name(),
        wanted,
        (known, latest) -> {
          alike(known, latest);
          return latest;
        });
    return () -> families.remove(wanted.name(), wanted);
  }

  @Override
  public void write(Map<String, String> common, Appendable out) throws IOException {
    TextFormat format = new TextFormat(common, out);
    for (Family family : families.values()) {
      family.write(format);
    }
  }
}
