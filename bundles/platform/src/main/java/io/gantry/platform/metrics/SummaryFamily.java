package io.gantry.platform.metrics;

import io.gantry.spi.metrics.Summary;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** What is observed here. */
final class SummaryFamily extends Family implements Summary {

  private static final double[] QUANTILES = {0.1, 0.5, 0.9, 0.99};

  private final InstantSource clock;
  private final Series<Window> series;

  private record View(double[] recent, double sum, long count) {}

  SummaryFamily(String name, String help, List<String> labels, InstantSource clock) {
    super(name, "summary", help, labels);
    this.clock = clock;
    series = new Series<>(name, labels.size(), Window::new);
  }

  @Override
  public void observe(double value, String... values) {
    long now = clock.millis();
    series.change(window -> window.observe(value, now), values);
  }

  @Override
  void write(TextFormat to) throws IOException {
    long now = clock.millis();
    Map<List<String>, View> views =
        series.look(window -> new View(window.recent(now), window.sum(), window.count()));
    if (views.isEmpty()) {
      return;
    }
    head(to);
    for (Map.Entry<List<String>, View> one : views.entrySet()) {
      Map<String, String> labels = labels(one.getKey());
      View view = one.getValue();
      for (double quantile : QUANTILES) {
        Map<String, String> more = labels(one.getKey());
        more.put("quantile", TextFormat.number(quantile));
        to.line(name(), more, Window.quantile(view.recent(), quantile));
      }
      to.line(name() + "_sum", labels, view.sum());
      to.line(name() + "_count", labels, view.count());
    }
  }
}
