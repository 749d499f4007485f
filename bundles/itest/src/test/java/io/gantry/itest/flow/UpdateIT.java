package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.ModuleRepository;
import io.gantry.itest.distribution.Reports;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Modules come, change and go while the plant runs. */
class UpdateIT {

  private static final int WINDOW = 32;
  private static final int SOME = 300;
  private static final String NEWER = "9.1.0";
  private static final String COMPONENT = "OSGI-INF/io.gantry.sample.filter.FilterComponent.xml";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path temp;
  private Distribution distribution;
  private ModuleRepository repository;
  private Reports reports;

  /** A module that cannot start. */
  public static final class Throwing implements BundleActivator {
    @Override
    public void start(BundleContext context) {
      throw new IllegalStateException("no serial port");
    }

    @Override
    public void stop(BundleContext context) {}
  }

  /** A module that runs, and says by a Felix Health Check that it is not well. */
  public static final class Sick implements BundleActivator, HealthCheck {
    @Override
    public void start(BundleContext context) {
      context.registerService(
          HealthCheck.class, this, new Hashtable<>(Map.of(HealthCheck.NAME, "heating")));
    }

    @Override
    public Result execute() {
      return new Result(Result.Status.CRITICAL, "it is too hot");
    }

    @Override
    public void stop(BundleContext context) {}
  }

  @BeforeEach
  void start() {
    distribution = Distribution.in(temp.resolve("gantry")).knowing(Thermometer.ID);
    repository = new ModuleRepository(distribution.folder());
    reports = new Reports(distribution);
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

  private void awaitMore(Thermometer thermometer) {
    int count = thermometer.acknowledged() + SOME;
    Await.until(
        "acknowledgements",
        LIMIT,
        () -> thermometer.acknowledged() >= count,
        distribution::everything);
  }

  private void deploy(Plan plan) {
    Distribution.Result result = plan.deploy(distribution);
    assertEquals(0, result.exitCode(), () -> result + "\n" + distribution.everything());
  }

  private void checkArrived(String what, Thermometer thermometer) {
    int sent = thermometer.finish(LIMIT, distribution::everything);
    reports.awaitDrained(LIMIT);
    Alerts alerts = Alerts.of(reports.events());
    assertEquals(Alerts.expected(sent), alerts.firsts(), what);
    System.out.printf(
        "%s: %d messages, %d alerts, %d more than once%n",
        what, sent, alerts.numbers().size(), alerts.duplicates());
  }

  @Test
  void aNewVersionTakesOverWhileMessagesFlowAndNothingIsLost() {
    repository.addVersion(
        repository.jar(Plan.FILTER),
        NEWER,
        COMPONENT,
        text -> text.replace("<service>", "<property name=\"made\" value=\"later\"/><service>"));
    try (Thermometer thermometer = thermometer()) {
      thermometer.sendOn();
      awaitMore(thermometer);
      deploy(new Plan().module("filter", Plan.FILTER + ":" + NEWER));
      awaitMore(thermometer);

      JsonObject filter = reports.module("filter");
      assertEquals(NEWER, filter.get("version").getAsString());
      assertEquals("running", filter.get("status").getAsString());
      assertEquals(1, thermometer.connections(), "the device noticed nothing");
      checkArrived("update", thermometer);
    }
  }

  @Test
  void theQueueOfARemovedModuleWaitsUntilItIsDeployedAgain() {
    try (Thermometer thermometer = thermometer()) {
      thermometer.sendOn();
      awaitMore(thermometer);
      deploy(new Plan());
      awaitMore(thermometer);

      JsonObject queue = Reports.queue(reports.status(), Plan.FILTER_INPUT);
      assertTrue(queue.get("pending").getAsLong() >= SOME, () -> "" + queue);
      assertEquals("absent", queue.get("state").getAsString());
      deploy(new Plan().module("filter", Plan.FILTER));
      checkArrived("removed and deployed again", thermometer);
    }
  }

  @Test
  void aModuleThatFailsAndOneThatIsSickSayWhyAndDisturbNobody() throws Exception {
    TestBundle.of("com.acme.press", "1.0.0")
        .header("Import-Package", "org.osgi.framework")
        .activator(Throwing.class)
        .writeTo(repository.folder());
    TestBundle.of("com.acme.oven", "1.0.0")
        .header("Import-Package", "org.osgi.framework,org.apache.felix.hc.api")
        .activator(Sick.class)
        .writeTo(repository.folder());
    repository.index();
    try (Thermometer thermometer = thermometer()) {
      thermometer.sendOn();
      awaitMore(thermometer);
      Plan plan =
          new Plan()
              .module("filter", Plan.FILTER)
              .module("press", "com.acme.press")
              .module("oven", "com.acme.oven");
      assertEquals(1, plan.deploy(distribution).exitCode());
      awaitMore(thermometer);

      Await.until(
          "the press to wait for its next start",
          LIMIT,
          () -> reports.module("press").get("status").getAsString().equals("backoff"),
          distribution::everything);
      String error = reports.module("press").get("lastError").getAsString();
      assertTrue(error.contains("no serial port"), error);
      JsonObject filter = reports.module("filter");
      assertEquals("running", filter.get("status").getAsString());
      assertEquals(0, filter.get("restarts").getAsInt());
      Await.until(
          "the illness of the oven",
          LIMIT,
          () ->
              distribution
                  .everything()
                  .contains("UNHEALTHY: health check heating says it is too hot"),
          distribution::everything);
      checkArrived("beside modules that fail", thermometer);
    }
  }
}
