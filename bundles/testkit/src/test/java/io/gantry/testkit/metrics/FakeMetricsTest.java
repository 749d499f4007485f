package io.gantry.testkit.metrics;

import io.gantry.spi.metrics.Metrics;

class FakeMetricsTest extends MetricsContract {

  private final FakeMetrics metrics = new FakeMetrics();

  @Override
  protected Metrics metrics() {
    return metrics;
  }
}
