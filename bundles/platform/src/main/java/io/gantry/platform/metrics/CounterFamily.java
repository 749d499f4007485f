package io.gantry.platform.metrics;

import io.gantry.spi.metrics.Counter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted here. */
final class CounterFamily extends Family implements Counter {

  static final String TYPE = "counter";

  private final Series<AtomicLong> series;

  CounterFamily(String name, String help, List<String> labels) {
    super(name, TYPE, help, labels);
    series = new Series<>(name, labels.size(), AtomicLong::new);
  }

  @Override
  public void increment(String... values) {
    series.change(AtomicLong::incrementAndGet, values);
  }

  @Override
  void write(TextFormat to) throws IOException {
    Map<List<String>, Long> counts = series.look(AtomicLong::get);
    if (counts.isEmpty()) {
      return;
    }
    head(to);
    for (Map.Entry<List<String>, Long> one : counts.entrySet()) {
      to.line(name(), labels(one.getKey()), one.getValue());
    }
  }
}
