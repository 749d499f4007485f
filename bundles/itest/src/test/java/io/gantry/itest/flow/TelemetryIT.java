package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Reports;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryIT {

  private static final int MESSAGES = 10_000;
  private static final int WINDOW = 1_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path temp;

  /** The promise of the whole: what a device was told to be safe is worked on and goes upstream. */
  @Test
  void whatIsAboveTheThresholdReachesUpstreamOnceAndInOrder() {
    try (Distribution distribution =
        Distribution.in(temp.resolve("gantry")).knowing(Thermometer.ID)) {
      new Plan().module("filter", Plan.FILTER).first(distribution.folder());
      distribution.start();
      int port = distribution.folder().port("io.gantry.mqtt");
      Reports reports = new Reports(distribution);
      try (Thermometer thermometer = new Thermometer(port, WINDOW)) {
        thermometer.send(MESSAGES, LIMIT, distribution::everything);
      }
      reports.awaitDrained(LIMIT);

      Alerts alerts = Alerts.of(reports.events());
      assertEquals(Alerts.expected(MESSAGES), alerts.numbers());
      assertEquals("{}", reports.status().get("drops").toString());
    }
  }
}
