package io.gantry.platform.metrics;

import io.gantry.spi.metrics.Readings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What somebody else knows, and is asked for. */
final class ReadFamily extends Family {

  static final String GAUGE = "gauge";

  private static final Logger LOG = LoggerFactory.getLogger(ReadFamily.class);

  private final Readings readings;
  private final AtomicBoolean told = new AtomicBoolean();

  ReadFamily(String name, String type, String help, List<String> labels, Readings readings) {
    super(name, type, help, labels);
    this.readings = readings;
  }

  @Override
  void write(TextFormat to) throws IOException {
    Map<List<String>, Double> values = read();
    if (values.isEmpty()) {
      return;
    }
    head(to);
    for (Map.Entry<List<String>, Double> one : values.entrySet()) {
      to.line(name(), labels(one.getKey()), one.getValue());
    }
  }

  /** Of a value that is told twice the last one counts: twice the same series is no exposition. */
  private Map<List<String>, Double> read() {
    Series<AtomicReference<Double>> series =
        new Series<>(name(), labelNames().size(), () -> new AtomicReference<>(Double.NaN));
    try {
      readings.read((value, labels) -> series.change(known -> known.set(value), labels));
      return series.look(AtomicReference::get);
    } catch (RuntimeException e) {
      if (!told.getAndSet(true)) {
        LOG.warn("{} cannot be read and is left out; this is told once", name(), e);
      }
      return Map.of();
    }
  }
}
