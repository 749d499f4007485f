package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Reports;
import io.gantry.launcher.cli.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is safe, however the process ends. */
class CrashIT {

  /** MixedLoadIT kills more often, amid more. */
  private static final int KILLS = 3;

  private static final int WINDOW = 32;

  /** A start may be waited for, too. */
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir private Path temp;
  private Distribution distribution;

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry")).knowing(Thermometer.ID);
    new Plan().module("filter", Plan.FILTER).first(distribution.folder());
    distribution.start();
  }

  @AfterEach
  void end() {
    distribution.close();
  }

  private Thermometer thermometer() {
    return new Thermometer(distribution.folder().port("io.gantry.mqtt"), WINDOW);
  }

  @Test
  void aSignalEndsItInTimeAndLosesNothing() {
    try (Thermometer thermometer = thermometer()) {
      thermometer.sendOn();
      awaitAcknowledged(thermometer, 1_000);
      long begin = System.nanoTime();
      // After the ten seconds that it is given it would end hard, with another code.
      assertEquals(ExitCode.DONE, distribution.terminate(), distribution::everything);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);

      distribution.start();
      awaitAcknowledged(thermometer, thermometer.acknowledged() + 1_000);
      checkArrived("SIGTERM, ended within " + took.toMillis() + " ms", thermometer);
    }
  }

  /**
   * Most moments are amid the traffic, some in the start, when the rest of the last run is read.
   */
  @Test
  void whatWasAcknowledgedSurvivesKills() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Thermometer thermometer = thermometer()) {
      thermometer.sendOn();
      for (int kill = 0; kill < KILLS; kill++) {
        if (random.nextInt(4) == 0) {
          awaitMoment(Duration.ofMillis(random.nextInt(1_500)));
        } else {
          awaitAcknowledged(thermometer, thermometer.acknowledged() + random.nextInt(300));
        }
        distribution.kill();
        distribution.launch();
      }
      checkArrived(KILLS + " kills, seed " + seed, thermometer);
    }
  }

  private static void awaitMoment(Duration after) {
    long moment = System.nanoTime() + after.toNanos();
    Await.until("a moment", LIMIT, () -> System.nanoTime() - moment >= 0);
  }

  private void awaitAcknowledged(Thermometer thermometer, int count) {
    Await.until(
        "acknowledgements",
        LIMIT,
        () -> thermometer.acknowledged() >= count,
        distribution::everything);
  }

  private void checkArrived(String what, Thermometer thermometer) {
    int sent = thermometer.finish(LIMIT, distribution::everything);
    distribution.awaitReady();
    Reports reports = new Reports(distribution);
    reports.awaitDrained(LIMIT);
    Alerts alerts = Alerts.of(reports.events());
    assertEquals(Alerts.expected(sent), alerts.firsts(), what);
    System.out.printf(
        "%s: %d messages over %d connections, %d alerts, %d more than once%n",
        what, sent, thermometer.connections(), alerts.numbers().size(), alerts.duplicates());
  }
}
