package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.ModuleRepository;
import io.gantry.itest.distribution.Reports;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A module is replaced again and again under load: what a device sends arrives, each message once.
 * The filter passes messages on before it answers, so one that is given to both versions, or again
 * to the second because the first did not finish, shows up twice at the end.
 */
class SwapIT {

  private static final int SWAPS = 20;
  private static final int EXCLUSIVE_SWAPS = 5;
  private static final int WINDOW = 64;
  private static final int SOME = 100;
  private static final String NEWER = "9.1.0";
  private static final String COMPONENT = "OSGI-INF/io.gantry.sample.filter.FilterComponent.xml";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path temp;
  private Distribution distribution;
  private String[] versions;

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry")).knowing(Thermometer.ID);
    ModuleRepository repository = new ModuleRepository(distribution.folder());
    Path jar = repository.jar(Plan.FILTER);
    versions = new String[] {ModuleRepository.version(jar), NEWER};
    repository.addVersion(
        jar,
        NEWER,
        COMPONENT,
        text -> text.replace("<service>", "<property name=\"made\" value=\"later\"/><service>"));
    plan(0).first(distribution.folder());
    distribution.start();
  }

  @AfterEach
  void end() {
    distribution.close();
  }

  private Plan plan(int number) {
    return new Plan().module("filter", Plan.FILTER + ":" + versions[number % 2]);
  }

  @Test
  void aModuleThatIsSwappedUnderLoadLosesNothingAndGetsNothingTwice() {
    try (Thermometer thermometer = thermometer()) {
      swap(thermometer, 1, SWAPS, false);
      // The same device goes on: whoever is exclusive from now on is stopped before its successor
      // starts.
      swap(thermometer, SWAPS + 1, EXCLUSIVE_SWAPS, true);
      assertEquals(1, thermometer.connections(), "the device noticed nothing");
      checkArrived(thermometer);
    }
    JsonObject filter = distribution.status().getAsJsonArray("modules").get(0).getAsJsonObject();
    assertEquals(versions[(SWAPS + EXCLUSIVE_SWAPS) % 2], filter.get("version").getAsString());
    assertEquals("running", filter.get("status").getAsString());
    assertEquals(0, filter.get("restarts").getAsInt(), "nothing failed on the way");
  }

  private void swap(Thermometer thermometer, int first, int count, boolean exclusive) {
    thermometer.sendOn();
    for (int number = first; number < first + count; number++) {
      awaitMore(thermometer);
      Plan plan = plan(number);
      (exclusive ? plan.exclusive("filter") : plan).post(distribution);
    }
    awaitMore(thermometer);
  }

  private Thermometer thermometer() {
    return new Thermometer(distribution.folder().port("io.gantry.mqtt"), WINDOW);
  }

  private void awaitMore(Thermometer thermometer) {
    int count = thermometer.acknowledged() + SOME;
    Await.until(
        "acknowledgements",
        LIMIT,
        () -> thermometer.acknowledged() >= count,
        distribution::everything);
  }

  private void checkArrived(Thermometer thermometer) {
    int sent = thermometer.finish(LIMIT, distribution::everything);
    Reports reports = new Reports(distribution);
    reports.awaitDrained(LIMIT);
    Alerts alerts = Alerts.of(reports.events());
    assertEquals(Alerts.expected(sent), alerts.numbers(), "each once, in order");
    System.out.printf(
        "%d swaps, %d exclusive ones: %d messages, %d alerts%n",
        SWAPS, EXCLUSIVE_SWAPS, sent, alerts.numbers().size());
  }
}
