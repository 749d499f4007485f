package io.gantry.platform;

import io.gantry.platform.metrics.MetricRegistry;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings;
import io.gantry.spi.metrics.Summary;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Offers the figures that monitoring reads. */
@Component
public final class MetricsComponent implements Metrics {

  private final MetricRegistry registry;

  @Activate
  public MetricsComponent(@Reference InstantSource clock) {
    registry = new MetricRegistry(clock);
  }

  @Override
  public Counter counter(String name, String help, String... labels) {
    return registry.counter(name, help, labels);
  }

  @Override
  public Summary summary(String name, String help, String... labels) {
    return registry.summary(name, help, labels);
  }

  @Override
  public Cancellable readCounter(String name, String help, Readings readings, String... labels) {
    return registry.readCounter(name, help, readings, labels);
  }

  @Override
  public Cancellable readGauge(String name, String help, Readings readings, String... labels) {
    return registry.readGauge(name, help, readings, labels);
  }

  @Override
  public void write(Map<String, String> common, Appendable out) throws IOException {
    registry.write(common, out);
  }
}
