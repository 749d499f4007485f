package io.gantry.module.host.runtime;

import static io.gantry.module.host.runtime.HostRig.checked;
import static io.gantry.module.host.runtime.HostRig.get;
import static io.gantry.module.host.runtime.HostRig.spec;
import static io.gantry.module.host.runtime.HostRig.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Leaving;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.hc.api.HealthCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that go on when their module has been stopped. */
@Timeout(300)
class LeftThreadsTest {

  /** For so long a thread may go on. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  @TempDir Path temp;
  private HostRig rig;
  private final CountDownLatch latch = new CountDownLatch(1);

  @BeforeEach
  void boot() throws Exception {
    System.getProperties().put(Hanging.LATCH, latch);
    rig = new HostRig(temp);
    rig.offer(
        TestBundle.of("acme.leaving", "1.0.0")
            .activator(Leaving.class)
            .header("Import-Package", "org.osgi.framework"));
  }

  @AfterEach
  void shutDown() throws Exception {
    latch.countDown();
    rig.close();
  }

  @Test
  void theyAreNamedAndNotTouched() throws Exception {
    rig.run(spec("m", "acme.leaving"));
    Thread poller = HostRig.poller(rig.bundle("m")).orElseThrow();
    until("it waits", () -> poller.getState() == Thread.State.WAITING);
    get(rig.runtime.stop("m"));
    rig.time.pass(GRACE);
    until("it is said", () -> rig.module("m").error().isPresent());
    String text = rig.module("m").error().orElseThrow();
    assertTrue(text.startsWith("it was stopped and has left behind a thread: poller (at "), text);
    assertEquals(State.STOPPED, rig.module("m").state());
    assertTrue(poller.isAlive());
    get(rig.runtime.start("m"));
    assertEquals(Optional.empty(), rig.module("m").error());
  }

  /** A thread of ours that calls a module is not the module's. */
  @Test
  void oneThatOnlyPassedThroughIsNotNamed() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    CountDownLatch outside = new CountDownLatch(1);
    rig.health(
        version -> {
          inside.countDown();
          await(leave);
          return "OK fine";
        });
    rig.offer(checked("1.0.0"));
    rig.run(spec("m", "acme.checked"));
    rig.run(spec("later", "acme.leaving"));
    HealthCheck check = rig.framework.serviceOf(rig.bundle("m"), HealthCheck.class);
    Thread visitor =
        new Thread(
            () -> {
              check.execute();
              outside.countDown();
              await(latch);
            },
            "visitor");
    visitor.start();
    await(inside);
    get(rig.runtime.stop("m"));
    leave.countDown();
    await(outside);
    get(rig.runtime.stop("later"));
    rig.time.pass(GRACE);
    until("the later one is told of", () -> rig.module("later").error().isPresent());
    assertEquals(Optional.empty(), rig.module("m").error());
    assertTrue(visitor.isAlive());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
