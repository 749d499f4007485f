package io.gantry.module.host.runtime;

import static io.gantry.module.host.runtime.HostRig.checked;
import static io.gantry.module.host.runtime.HostRig.get;
import static io.gantry.module.host.runtime.HostRig.location;
import static io.gantry.module.host.runtime.HostRig.recorded;
import static io.gantry.module.host.runtime.HostRig.spec;
import static io.gantry.module.host.runtime.HostRig.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Checked;
import io.gantry.module.host.fixture.Recorded;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Modules that say how they are, by health checks that Felix executes. */
@Timeout(300)
class HealthTest {

  @TempDir Path temp;
  private HostRig rig;
  private final AtomicReference<String> health = new AtomicReference<>("OK fine");
  private final AtomicInteger asked = new AtomicInteger();

  @BeforeEach
  void boot() throws Exception {
    boot(60_000);
  }

  private void boot(long checkMillis) throws Exception {
    rig = new HostRig(temp);
    rig.framework.installHealthChecks(rig.host, checkMillis);
    rig.health(
        version -> {
          asked.incrementAndGet();
          return health.get();
        });
  }

  @AfterEach
  void shutDown() throws Exception {
    rig.close();
  }

  @Test
  void aCheckThatFailsMakesItsModuleUnhealthyUntilItIsWellAgain() throws Exception {
    rig.offer(checked("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    until("it was asked", () -> asked.get() > 0);
    health.set("CRITICAL no pressure");
    InstalledModule sick = rig.nextTold();
    assertEquals(State.UNHEALTHY, sick.state());
    assertEquals(Optional.of("health check pump pressure says no pressure"), sick.error());
    assertEquals(sick, rig.module("m"));

    int before = asked.get();
    until("it was asked twice more", () -> asked.get() >= before + 2);
    health.set("OK fine");
    InstalledModule well = rig.nextTold();
    assertEquals(State.RUNNING, well.state());
    assertEquals(Optional.empty(), well.error());
    assertTrue(rig.told.isEmpty(), "each of it once: " + rig.told);
  }

  @Test
  void aCheckWithoutANameAndOneThatThrowsCountToo() throws Exception {
    rig.offer(
        TestBundle.of("acme.nameless", "1.0.0")
            .activator(Checked.class)
            .type(Recorded.class)
            .header("Import-Package", "org.osgi.framework,org.apache.felix.hc.api"));
    health.set("NONSENSE as a status");
    rig.run(spec("m", "acme.nameless"));
    InstalledModule sick = rig.nextTold();
    assertEquals(State.UNHEALTHY, sick.state());
    assertTrue(sick.error().orElseThrow().contains("No enum constant"), sick.toString());
  }

  @Test
  void aWarningIsNoIllness() throws Exception {
    health.set("WARN pressure is low");
    rig.offer(checked("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    until("it was asked twice", () -> asked.get() >= 2);
    assertEquals(State.RUNNING, rig.module("m").state());
    assertTrue(rig.told.isEmpty());
  }

  /** Only what lasts is worth a restart. */
  @Test
  void oneThatIsTemporarilyUnavailableIsUnhealthyWhenItLasts() throws Exception {
    health.set("TEMPORARILY_UNAVAILABLE reconnecting");
    rig.offer(checked("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    until("it was asked twice", () -> asked.get() >= 2);
    assertEquals(State.RUNNING, rig.module("m").state(), "that is patience");
    rig.time.skip(TestFramework.LIMITS.health());
    InstalledModule sick = rig.nextTold();
    assertEquals(State.UNHEALTHY, sick.state());
    assertEquals(Optional.of("health check pump pressure says reconnecting"), sick.error());
  }

  @Test
  void aClockThatIsSetBackDoesNotProlongThePatience() throws Exception {
    health.set("TEMPORARILY_UNAVAILABLE reconnecting");
    rig.offer(checked("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    until("it was asked twice", () -> asked.get() >= 2);
    rig.time.set(Duration.ofDays(-365));
    int before = asked.get();
    until("it was asked twice more", () -> asked.get() >= before + 2);
    assertEquals(State.RUNNING, rig.module("m").state());
    rig.time.skip(TestFramework.LIMITS.health());
    assertEquals(State.UNHEALTHY, rig.nextTold().state());
  }

  /** It holds a thread of Felix, and nobody else. */
  @Test
  void aCheckThatHangsMakesItsModuleUnhealthyAndHoldsUpNobody() throws Exception {
    rig.close();
    boot(300);
    CountDownLatch latch = new CountDownLatch(1);
    rig.health(
        version -> {
          try {
            latch.await(200, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            return "CRITICAL it was interrupted";
          }
          return "OK at last";
        });
    rig.offer(checked("1.0.0"));
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    rig.run(spec("other", "acme.recorded"));
    get(rig.runtime.remove("other"));
    InstalledModule sick = rig.nextTold();
    assertEquals(State.UNHEALTHY, sick.state());
    assertTrue(
        sick.error().orElseThrow().startsWith("health check pump pressure has not answered for"),
        sick.toString());
    latch.countDown();
    assertEquals(State.RUNNING, rig.nextTold().state());
  }

  @Test
  void aHandlerThatHangsMakesItsModuleUnhealthyUntilItComesBack() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    ModuleLocation here = location(rig.bundle("m"));
    rig.traffic.hang(
        new ModuleLocation("m", here.generation() + 7), Optional.of("this is another one"));
    rig.traffic.hang(here, Optional.of("the handler of input1 has not come back for 60 s"));
    InstalledModule sick = rig.nextTold();
    assertEquals(State.UNHEALTHY, sick.state());
    assertEquals(Optional.of("the handler of input1 has not come back for 60 s"), sick.error());
    rig.traffic.hang(here, Optional.empty());
    assertEquals(State.RUNNING, rig.nextTold().state());

    rig.traffic.hang(here, Optional.of("again"));
    assertEquals(State.UNHEALTHY, rig.nextTold().state());
    rig.host.leave(rig.traffic);
    assertEquals(State.RUNNING, rig.nextTold().state());
    rig.host.use(rig.traffic);
    assertEquals(State.UNHEALTHY, rig.nextTold().state());
  }

  /** What it is for the steps. */
  @Test
  void oneThatIsUnhealthyRuns() throws Exception {
    rig.offer(checked("1.0.0"));
    health.set("CRITICAL no pressure");
    rig.run(spec("m", "acme.checked"));
    assertEquals(State.UNHEALTHY, rig.nextTold().state());
    rig.events.clear();
    get(rig.runtime.start("m"));
    assertEquals(State.UNHEALTHY, rig.module("m").state());
    assertTrue(rig.events.isEmpty(), "it was there already: " + rig.events);

    health.set("OK fine");
    get(rig.runtime.swap(rig.prepare(spec("m", "acme.checked"))));
    assertEquals(State.RUNNING, rig.module("m").state());
    health.set("CRITICAL no pressure");
    until("it is sick again", () -> rig.module("m").state() == State.UNHEALTHY);
    rig.bundle("m").stop();
    until("it has stopped by itself", () -> rig.module("m").state() == State.STOPPED);
    health.set("OK fine");
    get(rig.runtime.start("m"));
    health.set("CRITICAL no pressure");
    until("it is sick once more", () -> rig.module("m").state() == State.UNHEALTHY);
    get(rig.runtime.stop("m"));
    assertEquals(State.STOPPED, rig.module("m").state());
    assertEquals(Optional.empty(), rig.module("m").error());
  }

  /** The supervision of modules that say nothing costs nothing: no timer runs. */
  @Test
  void nothingIsPolledWhenThereIsNothingToCheck() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.offer(checked("1.0.0"));
    rig.run(spec("silent", "acme.recorded"));
    until("nothing is scheduled", () -> rig.time.scheduled() == 0);
    rig.run(spec("m", "acme.checked"));
    until("it is asked again and again", () -> asked.get() >= 2);
    get(rig.runtime.remove("m"));
    until("nothing is scheduled", () -> rig.time.scheduled() == 0);
  }
}
