package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Reports;
import io.gantry.itest.distribution.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The disk is full: refused and said, and nothing that was acknowledged is lost. */
@EnabledIf("io.gantry.itest.distribution.SmallDisk#isPossible")
class DiskFullIT {

  private static final int MEBIBYTES = 16;
  private static final int FILLER = 9 << 20;
  private static final int WINDOW = 64;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Distribution distribution;

  @AfterEach
  void end() {
    distribution.close();
  }

  @Test
  void aFullDiskRefusesIsReportedAndGoesOnWhenSpaceReturns(@TempDir Path temp) throws Exception {
    distribution = Distribution.in(temp.resolve("gantry")).knowing(Thermometer.ID);
    distribution
        .folder()
        .configure("io.gantry.store", "segmentBytes", 1 << 20)
        .configure("io.gantry.hub", "eventLogBytes", 8 << 20);
    SmallDisk disk =
        SmallDisk.over(distribution, distribution.folder().data().resolve("store"), MEBIBYTES);
    // The filter is not there yet: everything waits for it.
    new Plan().first(distribution.folder());
    distribution.start();
    Files.write(disk.file("filler"), new byte[FILLER]);
    Reports reports = new Reports(distribution);
    try (Thermometer thermometer =
        new Thermometer(distribution.folder().port("io.gantry.mqtt"), WINDOW)) {
      thermometer.sendOn();
      Await.until("a full disk", LIMIT, () -> problem().contains("Disk full"), this::evidence);
      assertTrue(thermometer.acknowledged() > 1_000, "acknowledged " + thermometer.acknowledged());
      Await.until("refusals", LIMIT, () -> drops().has("store_full"), this::evidence);
      String text = distribution.cli("status").out();
      assertTrue(text.contains("warning store: Disk full"), text);

      // The reserve is for the configuration: a deployment goes through.
      Distribution.Result deployed = new Plan().deploy(distribution);
      assertEquals(0, deployed.exitCode(), () -> deployed.err() + deployed.out());

      int before = thermometer.acknowledged();
      Files.delete(disk.file("filler"));
      // Not without end: they would fill what has become free.
      thermometer.send(1_000, LIMIT, this::evidence);
      int sent = thermometer.acknowledged();

      assertEquals(0, new Plan().module("filter", Plan.FILTER).deploy(distribution).exitCode());
      reports.awaitDrained(LIMIT);
      Alerts alerts = Alerts.of(reports.events());
      assertEquals(Alerts.expected(sent), alerts.firsts());
      assertEquals("", problem());
      System.out.printf(
          "disk full: %d messages acknowledged before, %d in all, %d connections%n",
          before, sent, thermometer.connections());
    }
  }

  private String evidence() {
    return distribution.status() + "\n" + distribution.everything();
  }

  private String problem() {
    JsonElement problem = distribution.status().getAsJsonObject("store").get("problem");
    return problem == null || problem.isJsonNull() ? "" : problem.getAsString();
  }

  private JsonObject drops() {
    return distribution.status().getAsJsonObject("drops");
  }
}
