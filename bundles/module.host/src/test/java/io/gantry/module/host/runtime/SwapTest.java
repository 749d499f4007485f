package io.gantry.module.host.runtime;

import static io.gantry.module.host.runtime.HostRig.checked;
import static io.gantry.module.host.runtime.HostRig.exclusive;
import static io.gantry.module.host.runtime.HostRig.failure;
import static io.gantry.module.host.runtime.HostRig.get;
import static io.gantry.module.host.runtime.HostRig.location;
import static io.gantry.module.host.runtime.HostRig.recorded;
import static io.gantry.module.host.runtime.HostRig.spec;
import static io.gantry.module.host.runtime.HostRig.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.fixture.Crashing;
import io.gantry.module.host.fixture.Fickle;
import io.gantry.module.host.fixture.Hanging;
import io.gantry.module.host.fixture.Settings;
import io.gantry.module.host.fixture.Throwing;
import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.InstalledModule;
import io.gantry.spi.module.InstalledModule.State;
import io.gantry.spi.module.ModuleException;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import io.gantry.spi.module.PreparedModule;
import io.gantry.testkit.module.FakeModuleTraffic;
import io.gantry.testkit.module.TestBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** One generation of a module in the place of another one, in a real framework. */
@Timeout(300)
class SwapTest {

  private static final String SERVICE =
      "<service><provide interface=\"java.util.function.Supplier\"/></service>";

  @TempDir Path temp;
  private HostRig rig;

  @BeforeEach
  void boot() throws Exception {
    rig = new HostRig(temp);
  }

  @AfterEach
  void shutDown() throws Exception {
    rig.close();
  }

  // ---- side by side ------------------------------------------------------------------------

  @Test
  void theOldOneRunsAndIsServedUntilTheNewOneIsHealthy() throws Exception {
    rig.installHealthChecks();
    rig.offer(checked("1.0.0"));
    rig.health(version -> "OK fine");
    rig.run(spec("m", "acme.checked"));
    Bundle old = rig.bundle("m");
    rig.offer(checked("2.0.0"));
    AtomicReference<String> newHealth = new AtomicReference<>("TEMPORARILY_UNAVAILABLE warming up");
    AtomicInteger asked = new AtomicInteger();
    rig.health(
        version -> {
          if (version.equals("1.0.0")) {
            return "OK fine";
          }
          asked.incrementAndGet();
          return newHealth.get();
        });
    rig.events.clear();
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.checked")));
    until("the new one was asked twice", () -> asked.get() >= 2);
    assertEquals(Bundle.ACTIVE, old.getState());
    assertEquals("1.0.0", rig.module("m").prepared().version());
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(Optional.of(location(old)), rig.traffic.serving("m"));

    newHealth.set("OK warm");
    get(swap);
    assertEquals(Bundle.UNINSTALLED, old.getState());
    assertEquals("2.0.0", rig.module("m").prepared().version());
    long now = location(rig.bundle("m")).generation();
    assertEquals(
        List.of(
            "serve m/" + location(old).generation(), "start 2.0.0", "serve m/" + now, "stop 1.0.0"),
        List.copyOf(rig.events));
    assertTrue(rig.told.isEmpty(), "what a step does is not told: " + rig.told);
  }

  @Test
  void aNewOneThatIsNotHealthyInTimeIsDroppedAndTheOldOneNeverStops() throws Exception {
    rig.installHealthChecks();
    rig.offer(checked("1.0.0"));
    rig.health(version -> version.equals("1.0.0") ? "OK fine" : "CRITICAL no pressure");
    rig.run(spec("m", "acme.checked"));
    Bundle old = rig.bundle("m");
    rig.offer(checked("2.0.0"));
    rig.events.clear();
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.checked")));
    rig.time.pass(TestFramework.LIMITS.health());
    String text = failure(swap);
    assertEquals(
        "module m 2.0.0: it did not become healthy within 80 s: health check pump pressure says no"
            + " pressure; version 1.0.0 goes on",
        text);
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(List.of(old), rig.generations("m"));
    assertEquals(Optional.of(location(old)), rig.traffic.serving("m"));
    assertFalse(rig.events.contains("stop 1.0.0"));
    assertTrue(rig.events.contains("stop 2.0.0"));
    assertEquals(1, configurations().size());
    assertTrue(rig.told.isEmpty(), "the old one was well all the time: " + rig.told);
  }

  /** Set back by a year it would have waited for a year, and all other changes with it. */
  @ParameterizedTest
  @ValueSource(longs = {-365, 365})
  void aClockThatIsSetNeitherProlongsTheWaitForTheNewOneNorEndsIt(long days) throws Exception {
    rig.installHealthChecks();
    rig.offer(checked("1.0.0"));
    AtomicInteger asked = new AtomicInteger();
    rig.health(
        version -> {
          if (version.equals("1.0.0")) {
            return "OK fine";
          }
          asked.incrementAndGet();
          return "CRITICAL no pressure";
        });
    rig.run(spec("m", "acme.checked"));
    rig.offer(checked("2.0.0"));
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.checked")));
    rig.time.await(TestFramework.LIMITS.health());
    rig.time.set(Duration.ofDays(days));
    int before = asked.get();
    until("it was asked twice more", () -> asked.get() >= before + 2);
    assertFalse(swap.toCompletableFuture().isDone());
    rig.time.skip(TestFramework.LIMITS.health());
    String text = failure(swap);
    assertTrue(text.contains("did not become healthy within 80 s"), text);
  }

  /** A component that handles an input is made when it is asked for, not when its bundle starts. */
  @Test
  void aNewOneWhoseHandlerCannotBeMadeIsDroppedAndTheOldOneNeverStops() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    Bundle old = rig.bundle("m");
    rig.offer(recorded("2.0.0"));
    rig.events.clear();
    CompletableFuture<Optional<String>> met = new CompletableFuture<>();
    rig.traffic.meeting(generation -> met);
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.recorded")));
    until("the new one is started", () -> rig.events.contains("start 2.0.0"));
    assertFalse(swap.toCompletableFuture().isDone());
    met.complete(Optional.of("The handler of input in1 cannot be had"));
    assertEquals("The handler of input in1 cannot be had; version 1.0.0 goes on", failure(swap));
    assertEquals(List.of(old), rig.generations("m"));
    assertEquals(Optional.of(location(old)), rig.traffic.serving("m"));
    assertFalse(rig.events.contains("stop 1.0.0"));
  }

  /** A component that is made anew when its configuration comes cannot be had for a moment. */
  @Test
  void aHandlerThatCouldNotBeHadForAMomentIsNoFailure() throws Exception {
    AtomicInteger meetings = new AtomicInteger();
    rig.traffic.meeting(
        generation ->
            CompletableFuture.completedFuture(
                meetings.incrementAndGet() == 1 ? Optional.of("not now") : Optional.empty()));
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(2, meetings.get());
  }

  @Test
  void aNewOneThatCannotBeStartedIsDropped() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(
        TestBundle.of("acme.throwing", "3.0.0")
            .activator(Throwing.class)
            .header("Import-Package", "org.osgi.framework"));
    String text = failure(rig.runtime.swap(rig.prepare(spec("m", "acme.throwing"))));
    assertTrue(text.contains("its activator threw"), text);
    assertTrue(text.endsWith("; version 1.0.0 goes on"), text);
    assertEquals(1, rig.generations("m").size());
    assertFalse(rig.events.contains("stop 1.0.0"));
  }

  /** Its start is given up, it is forgotten, and its bundle leaves when it comes back. */
  @Test
  void aNewOneThatHangsIsDropped() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(
        TestBundle.of("acme.hanging", "3.0.0")
            .activator(Hanging.class)
            .header("Import-Package", "org.osgi.framework"));
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.hanging")));
    rig.giveUp("m");
    String text = failure(swap);
    assertTrue(text.contains("did not start within 70 s; it hangs at"), text);
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(2, rig.generations("m").size());
    latch.countDown();
    until("the bundle has left", () -> rig.generations("m").size() == 1);
    assertFalse(rig.events.contains("stop 1.0.0"));
  }

  /** Each try would leave a thread and a generation behind, one every five minutes. */
  @Test
  void aNewOneThatHangsIsNotTriedAgainBeforeItHasComeBack() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(
        TestBundle.of("acme.hanging", "3.0.0")
            .activator(Hanging.class)
            .header("Import-Package", "org.osgi.framework"));
    PreparedModule next = rig.prepare(spec("m", "acme.hanging"));
    CompletionStage<Void> swap = rig.runtime.swap(next);
    rig.giveUp("m");
    failure(swap);
    assertEquals(
        "module m: version 3.0.0 was dropped and still hangs; until it comes back, or the runtime"
            + " is restarted, it is not tried again; version 1.0.0 goes on",
        failure(rig.runtime.swap(next)));
    assertEquals(2, rig.generations("m").size());
    latch.countDown();
    until("the bundle has left", () -> rig.generations("m").size() == 1);
    get(rig.runtime.swap(next));
    assertEquals("3.0.0", rig.module("m").prepared().version());
  }

  @Test
  void theOldOneAnswersWhatItWasGivenBeforeItIsStopped() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(recorded("2.0.0"));
    rig.traffic.busy("m");
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.recorded")));
    until("the new one has taken over", () -> rig.module("m").prepared().version().equals("2.0.0"));
    assertEquals(Optional.of(location(rig.bundle("m"))), rig.traffic.serving("m"));
    assertFalse(rig.events.contains("stop 1.0.0"));
    assertFalse(swap.toCompletableFuture().isDone());
    rig.traffic.answer("m");
    get(swap);
    assertTrue(rig.events.contains("stop 1.0.0"));
  }

  @Test
  void oneThatDoesNotAnswerIsStoppedAfterTheLimit() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(recorded("2.0.0"));
    rig.traffic.busy("m");
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.recorded")));
    rig.time.pass(TestFramework.LIMITS.drain());
    get(swap);
    assertTrue(rig.events.contains("stop 1.0.0"));
    assertEquals(1, rig.generations("m").size());
  }

  @Test
  void theSameVersionTakesOverWithAnotherConfiguration() throws Exception {
    rig.offer(settings());
    rig.run(settings("m", "5"));
    Bundle old = rig.bundle("m");
    get(rig.runtime.swap(rig.prepare(settings("m", "9"))));
    assertNotEquals(old, rig.bundle("m"));
    assertEquals("{Interval=9}", seenBy("m"));
    assertEquals(1, configurations().size());
  }

  @Test
  void ofTwoModulesOfOneBundleOneIsSwapped() throws Exception {
    rig.offer(settings());
    rig.run(settings("a", "1"));
    rig.run(settings("b", "2"));
    Bundle a = rig.bundle("a");
    Queue<String> disturbed = eventsOfOthersThan("b");
    get(rig.runtime.swap(rig.prepare(settings("b", "3"))));
    assertEquals(List.of(), List.copyOf(disturbed));
    assertEquals(a, rig.bundle("a"));
    assertEquals("{Interval=1}", seenBy("a"));
    assertEquals("{Interval=3}", seenBy("b"));
  }

  // ---- what happens meanwhile --------------------------------------------------------------

  @Test
  void theOldOneMayCrashMeanwhileAndTheNewOneStillTakesOver() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    rig.offer(crashing("1.0.0"));
    rig.run(spec("m", "acme.crashing"));
    rig.offer(
        TestBundle.of("acme.hanging", "2.0.0")
            .activator(Hanging.class)
            .header("Import-Package", "org.osgi.framework"));
    Runnable crash = rig.framework.serviceOf(rig.bundle("m"), Runnable.class);
    CompletionStage<Void> swap = rig.runtime.swap(rig.prepare(spec("m", "acme.hanging")));
    crash.run();
    InstalledModule failed = rig.nextTold();
    assertEquals(State.FAILED, failed.state());
    assertEquals("1.0.0", failed.prepared().version());
    latch.countDown();
    get(swap);
    assertEquals("2.0.0", rig.module("m").prepared().version());
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(1, rig.generations("m").size());
  }

  @Test
  void aNewOneOfWhichAThreadDiesMeanwhileIsDropped() throws Exception {
    rig.installHealthChecks();
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(checked("2.0.0"));
    rig.health(
        version -> {
          Thread thread =
              new Thread(
                  () -> {
                    throw new IllegalStateException("sensor gone");
                  },
                  "worker");
          thread.setContextClassLoader(
              rig.bundle("m").adapt(org.osgi.framework.wiring.BundleWiring.class).getClassLoader());
          thread.start();
          return "TEMPORARILY_UNAVAILABLE wait for me";
        });
    String text = failure(rig.runtime.swap(rig.prepare(spec("m", "acme.checked"))));
    assertTrue(text.contains("its thread worker ended with"), text);
    assertEquals("1.0.0", rig.module("m").prepared().version());
    assertEquals(State.RUNNING, rig.module("m").state());
    assertTrue(rig.told.isEmpty());
  }

  /** One that was stopped stays so when there is no better one. */
  @Test
  void anOldOneThatDoesNotRunIsReplacedOrStays() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    get(rig.runtime.stop("m"));
    rig.offer(
        TestBundle.of("acme.throwing", "3.0.0")
            .activator(Throwing.class)
            .header("Import-Package", "org.osgi.framework"));
    for (boolean exclusive : List.of(false, true)) {
      ModuleSpec bad = spec("m", "acme.throwing");
      String text = failure(rig.runtime.swap(rig.prepare(exclusive ? exclusive(bad) : bad)));
      assertTrue(text.endsWith("; version 1.0.0 stays, stopped"), text);
      assertEquals(State.STOPPED, rig.module("m").state());
    }
    rig.offer(recorded("2.0.0"));
    get(rig.runtime.swap(rig.prepare(spec("m", "acme.recorded"))));
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(1, rig.generations("m").size());
  }

  // ---- one after the other -----------------------------------------------------------------

  @Test
  void whatComesInForAnExclusiveModuleWaitsWhileItsSuccessorStarts() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(exclusive(spec("m", "acme.recorded")));
    rig.offer(recorded("2.0.0"));
    rig.events.clear();
    get(rig.runtime.swap(rig.prepare(exclusive(spec("m", "acme.recorded")))));
    long now = location(rig.bundle("m")).generation();
    assertEquals(
        List.of("hold m", "stop 1.0.0", "start 2.0.0", "serve m/" + now), List.copyOf(rig.events));
    assertEquals(1, rig.generations("m").size());
  }

  @Test
  void anExclusiveModuleAnswersBeforeItIsStopped() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(exclusive(spec("m", "acme.recorded")));
    rig.offer(recorded("2.0.0"));
    rig.traffic.busy("m");
    CompletionStage<Void> swap =
        rig.runtime.swap(rig.prepare(exclusive(spec("m", "acme.recorded"))));
    until("it is held", () -> !rig.traffic.isServed("m"));
    assertFalse(rig.events.contains("stop 1.0.0"));
    rig.traffic.answer("m");
    get(swap);
  }

  @Test
  void theOldExclusiveOneComesBackWhenTheNewOneFails() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(exclusive(spec("m", "acme.recorded")));
    Bundle old = rig.bundle("m");
    rig.offer(
        TestBundle.of("acme.throwing", "3.0.0")
            .activator(Throwing.class)
            .header("Import-Package", "org.osgi.framework"));
    rig.events.clear();
    String text = failure(rig.runtime.swap(rig.prepare(spec("m", "acme.throwing"))));
    assertTrue(text.contains("no serial port"), text);
    assertTrue(text.endsWith("; version 1.0.0 goes on"), text);
    assertEquals(
        List.of("hold m", "stop 1.0.0", "serve m/" + location(old).generation(), "start 1.0.0"),
        List.copyOf(rig.events));
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(List.of(old), rig.generations("m"));
    assertTrue(rig.told.isEmpty(), "what a step does is not told: " + rig.told);
  }

  /** A failed module does not half run, here as anywhere. */
  @Test
  void theOldExclusiveOneIsStoppedWhenItCannotComeBackEither() throws Exception {
    rig.offer(
        TestBundle.of("acme.fickle", "1.0.0")
            .component(Fickle.class, "immediate=\"true\"", SERVICE));
    rig.run(exclusive(spec("m", "acme.fickle")));
    Bundle old = rig.bundle("m");
    rig.offer(
        TestBundle.of("acme.throwing", "3.0.0")
            .activator(Throwing.class)
            .header("Import-Package", "org.osgi.framework"));
    System.setProperty(Fickle.BROKEN, "true");
    String text = failure(rig.runtime.swap(rig.prepare(spec("m", "acme.throwing"))));
    assertTrue(text.contains("no serial port"), text);
    assertTrue(text.contains("; version 1.0.0 has failed: component Fickle could not be"), text);
    assertEquals(State.FAILED, rig.module("m").state());
    assertNotEquals(Bundle.ACTIVE, old.getState());
  }

  /** A singleton cannot be resolved beside itself; without a successor it is resolved again. */
  @Test
  void aSingletonIsSwappedAndComesBackToo() throws Exception {
    for (String version : List.of("1.0.0", "2.0.0")) {
      rig.offer(single(recorded(version)));
    }
    rig.run(spec("m", "acme.recorded:1.0.0"));
    Bundle old = rig.bundle("m");
    rig.offer(
        single(TestBundle.of("acme.recorded", "3.0.0"))
            .activator(Throwing.class)
            .header("Import-Package", "org.osgi.framework"));
    String text = failure(rig.runtime.swap(rig.prepare(spec("m", "acme.recorded:3.0.0"))));
    assertTrue(text.contains("no serial port"), text);
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(Bundle.ACTIVE, old.getState());

    get(rig.runtime.swap(rig.prepare(spec("m", "acme.recorded:2.0.0"))));
    assertEquals("2.0.0", rig.module("m").prepared().version());
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(1, rig.generations("m").size());
  }

  /** Something that it needs has gone since it was prepared. */
  @Test
  void aSingletonThatCannotBeResolvedAnyMoreDoesNotStopTheOldOne() throws Exception {
    Path base =
        TestBundle.of("acme.base", "1.0.0")
            .header("Export-Package", "acme.base")
            .entry("acme/base/readme.txt", "a package")
            .writeTo(temp);
    Bundle runtime = rig.framework.install("test:base", base);
    runtime.start();
    rig.offer(single(recorded("1.0.0")));
    rig.run(spec("m", "acme.recorded"));
    rig.offer(single(recorded("2.0.0")).header("Import-Package", "org.osgi.framework,acme.base"));
    PreparedModule next = rig.prepare(spec("m", "acme.recorded"));
    runtime.uninstall();
    rig.events.clear();
    CompletionStage<Void> swap = rig.runtime.swap(next);
    Throwable refusal = assertThrows(ExecutionException.class, () -> get(swap)).getCause();
    assertTrue(assertInstanceOf(ModuleException.class, refusal).outdated());
    assertEquals(
        "module m cannot be installed: acme.recorded 2.0.0 was resolved when it was prepared, but"
            + " the framework has changed since; prepare it again; version 1.0.0 goes on",
        refusal.getMessage());
    assertEquals(List.of(), List.copyOf(rig.events));
    assertEquals(State.RUNNING, rig.module("m").state());
    assertEquals(1, rig.generations("m").size());
    assertEquals(1, configurations().size());
  }

  /** What hangs holds its bundle, but not its name. */
  @Test
  void aSingletonThatHangsIsReplacedToo() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    rig.offer(
        single(TestBundle.of("acme.recorded", "1.0.0"))
            .activator(Hanging.class)
            .header("Import-Package", "org.osgi.framework"));
    get(rig.runtime.install(rig.prepare(spec("m", "acme.recorded"))));
    CompletionStage<Void> start = rig.runtime.start("m");
    rig.giveUp("m");
    failure(start);
    for (String version : List.of("2.0.0", "3.0.0")) {
      rig.offer(single(recorded(version)));
    }
    get(rig.runtime.install(rig.prepare(spec("m", "acme.recorded:2.0.0"))));
    get(rig.runtime.start("m"));
    get(rig.runtime.swap(rig.prepare(spec("m", "acme.recorded:3.0.0"))));
    assertEquals(State.RUNNING, rig.module("m").state());
    latch.countDown();
    until("the bundle has left", () -> rig.generations("m").size() == 1);
  }

  /** It may hold what its successor needs, but there is nobody to go back to. */
  @Test
  void oneThatHangsIsReplaced() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put(Hanging.LATCH, latch);
    rig.offer(
        TestBundle.of("acme.hanging", "1.0.0")
            .activator(Hanging.class)
            .header("Import-Package", "org.osgi.framework"));
    get(rig.runtime.install(rig.prepare(spec("m", "acme.hanging"))));
    CompletionStage<Void> start = rig.runtime.start("m");
    rig.giveUp("m");
    failure(start);
    rig.offer(recorded("2.0.0"));
    get(rig.runtime.swap(rig.prepare(spec("m", "acme.recorded"))));
    assertEquals(State.RUNNING, rig.module("m").state());
    latch.countDown();
    until("the bundle has left", () -> rig.generations("m").size() == 1);
  }

  // ---- others ------------------------------------------------------------------------------

  @Test
  void aSharedLibraryIsUpdatedForOneOfTwoModules() throws Exception {
    rig.offer(library("1.0.0"));
    rig.offer(user("acme.one", "1.0.0", "[1.0,2.0)"));
    rig.offer(user("acme.two", "1.0.0", "[1.0,2.0)"));
    rig.run(spec("one", "acme.one"));
    rig.run(spec("two", "acme.two"));
    rig.offer(library("1.1.0"));
    rig.offer(user("acme.one", "1.1.0", "[1.1,2.0)"));
    Queue<String> disturbed = eventsOfOthersThan("one");
    get(rig.runtime.swap(rig.prepare(spec("one", "acme.one"))));
    assertEquals(
        List.of("gantry:shared: INSTALLED", "gantry:shared: RESOLVED", "gantry:shared: STARTED"),
        disturbed.stream().filter(event -> !event.contains("STARTING")).toList());
    assertEquals("1.1.0", rig.module("one").prepared().shared().get(0).version());
    assertEquals("1.0.0", rig.module("two").prepared().shared().get(0).version());
    assertEquals(State.RUNNING, rig.module("two").state());
  }

  @Test
  void anUpdateOfOneOfTwentyModulesDisturbsNobody() throws Exception {
    rig.offer(library("1.0.0"));
    for (int i = 0; i < 20; i++) {
      rig.offer(user("acme.m" + i, "1.0.0", "[1.0,2.0)"));
      rig.run(spec("m" + i, "acme.m" + i));
    }
    rig.offer(user("acme.m7", "1.0.1", "[1.0,2.0)").entry("acme/new.txt", "better inside"));
    Queue<String> disturbed = eventsOfOthersThan("m7");
    get(rig.runtime.swap(rig.prepare(spec("m7", "acme.m7"))));
    assertEquals(List.of(), List.copyOf(disturbed));
    assertEquals("1.0.1", rig.module("m7").prepared().version());
  }

  // ---- who is served -----------------------------------------------------------------------

  @Test
  void whoComesLateIsToldWhoIsServed() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("a", "acme.recorded"));
    rig.run(spec("b", "acme.recorded"));
    get(rig.runtime.stop("b"));
    rig.host.leave(rig.traffic);
    rig.run(spec("c", "acme.recorded"));
    FakeModuleTraffic other = new FakeModuleTraffic();
    rig.host.use(other);
    until("it was told", () -> other.calls().size() == 3);
    assertEquals(
        List.of(
            "serve a/" + location(rig.bundle("a")).generation(),
            "hold b",
            "serve c/" + location(rig.bundle("c")).generation()),
        other.calls());
    until("the first is not listened to any more", () -> rig.traffic.listeners() == 0);
    get(rig.runtime.remove("a"));
    assertEquals(List.of("hold a", "forget a"), other.calls().subList(3, 5));
  }

  @Test
  void whatAModuleWasGivenItMayAnswerBeforeItIsStoppedOrRemoved() throws Exception {
    rig.offer(recorded("1.0.0"));
    rig.run(spec("m", "acme.recorded"));
    for (boolean removed : List.of(false, true)) {
      get(rig.runtime.start("m"));
      assertEquals(Optional.of(location(rig.bundle("m"))), rig.traffic.serving("m"));
      rig.events.clear();
      rig.traffic.busy("m");
      CompletionStage<Void> step = removed ? rig.runtime.remove("m") : rig.runtime.stop("m");
      until("it is held", () -> !rig.traffic.isServed("m"));
      assertFalse(rig.events.contains("stop 1.0.0"));
      rig.traffic.answer("m");
      get(step);
      assertTrue(rig.events.contains("stop 1.0.0"));
    }
  }

  // ---- tools -------------------------------------------------------------------------------

  private Queue<String> eventsOfOthersThan(String module) {
    Queue<String> events = new ConcurrentLinkedQueue<>();
    SynchronousBundleListener listener =
        event -> {
          String location = event.getBundle().getLocation();
          if (!location.startsWith("gantry:module/" + module + "/")) {
            events.add(location.replaceAll("shared/.*", "shared:") + " " + name(event.getType()));
          }
        };
    rig.framework.context().addBundleListener(listener);
    return events;
  }

  private static String name(int type) {
    return switch (type) {
      case BundleEvent.INSTALLED -> "INSTALLED";
      case BundleEvent.RESOLVED -> "RESOLVED";
      case BundleEvent.STARTING -> "STARTING";
      case BundleEvent.STARTED -> "STARTED";
      default -> "disturbed by " + type;
    };
  }

  private String seenBy(String module) throws Exception {
    return String.valueOf(rig.framework.serviceOf(rig.bundle(module), Supplier.class).get());
  }

  private List<Configuration> configurations() throws Exception {
    Configuration[] all =
        rig.framework
            .service(ConfigurationAdmin.class)
            .listConfigurations("(service.bundleLocation=gantry:*)");
    return all == null ? List.of() : new ArrayList<>(List.of(all));
  }

  private static TestBundle settings() {
    return TestBundle.of("acme.settings", "1.0.0")
        .component(
            Settings.class,
            "activate=\"activate\" configuration-pid=\"io.gantry.module acme.settings\"",
            SERVICE);
  }

  private static ModuleSpec settings(String name, String interval) {
    return new ModuleSpec(
        name,
        ImageReference.parse("acme.settings"),
        PullPolicy.ON_CREATE,
        Map.of("Interval", interval),
        Map.of());
  }

  private static TestBundle crashing(String version) {
    return TestBundle.of("acme.crashing", version)
        .activator(Crashing.class)
        .header("Import-Package", "org.osgi.framework");
  }

  private static TestBundle single(TestBundle bundle) {
    return bundle.header("Bundle-SymbolicName", "acme.recorded;singleton:=true");
  }

  private static TestBundle library(String version) {
    return TestBundle.of("acme.lib", version)
        .entry("acme/lib/readme.txt", "a package")
        .header("Export-Package", "acme.lib;version=" + version);
  }

  private static TestBundle user(String name, String version, String range) {
    return TestBundle.of(name, version)
        .header("Import-Package", "acme.lib;version=\"" + range + "\"")
        .entry("acme/common/" + name + ".txt", name);
  }
}
