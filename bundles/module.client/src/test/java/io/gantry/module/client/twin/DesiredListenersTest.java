package io.gantry.module.client.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.DesiredListener;
import io.gantry.module.client.connection.FakeHub;
import io.gantry.module.client.connection.ModuleConnections;
import io.gantry.module.client.traffic.Traffic;
import io.gantry.module.client.whiteboard.TestModules;
import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientSession;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Listeners as services of a real framework, turns taken by the test. */
class DesiredListenersTest {

  private static final String CONNECTS = "gateway/filter";
  private static final String SUBSCRIBES = "+DESIRED_PROPERTIES";
  private static final String UNSUBSCRIBES = "-DESIRED_PROPERTIES";

  @TempDir Path folder;

  private final FakeHub hub = new FakeHub();
  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final ModuleConnections connections =
      new ModuleConnections(() -> hub, threads, time, time);
  private final List<String> told = new ArrayList<>();
  private TestModules modules;
  private DesiredListeners listeners;

  @BeforeEach
  void start() throws Exception {
    modules = new TestModules(folder);
    listeners = new DesiredListeners(modules.context(), threads, connections, traffic);
  }

  @AfterEach
  void stop() throws Exception {
    modules.close();
  }

  private DesiredListener noting(String name) {
    return change -> told.add(name + ":" + change.version());
  }

  private static ServiceRegistration<DesiredListener> register(
      Bundle bundle, DesiredListener listener) {
    return TestModules.register(bundle, DesiredListener.class, listener, Map.of());
  }

  private ServiceRegistration<DesiredListener> added(Bundle bundle, DesiredListener listener) {
    ServiceRegistration<DesiredListener> registration = register(bundle, listener);
    added(registration.getReference());
    return registration;
  }

  private void added(ServiceReference<DesiredListener> reference) {
    listeners.added(reference);
    threads.runAll();
  }

  private void removed(ServiceRegistration<DesiredListener> registration) {
    listeners.removed(registration.getReference());
    threads.runAll();
  }

  private CompletableFuture<Delivery> change(long version) {
    return change(hub.session(), version);
  }

  private CompletableFuture<Delivery> change(ClientSession session, long version) {
    CompletableFuture<Delivery> answer =
        session.desiredChanged(new DesiredChange("{}", version)).toCompletableFuture();
    assertFalse(answer.isDone(), "the hub's thread does not wait for a listener");
    threads.runAll();
    return answer;
  }

  @Test
  void aListenerIsToldInOrderWithTheClassLoaderOfItsModule() throws Exception {
    ClassLoader[] seen = new ClassLoader[1];
    DesiredListener listener =
        change -> {
          seen[0] = Thread.currentThread().getContextClassLoader();
          told.add(change.patch() + change.version());
        };
    added(modules.module("filter", 1), listener);
    assertEquals(List.of(CONNECTS, SUBSCRIBES), hub.newEvents());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    assertEquals(Delivery.Accepted.INSTANCE, change(2).join());
    assertEquals(Delivery.Accepted.INSTANCE, change(3).join());
    assertEquals(List.of("{}2", "{}3"), told);
    assertSame(listener.getClass().getClassLoader(), seen[0]);
    assertNull(thread.getContextClassLoader());
    thread.setContextClassLoader(before);
  }

  @Test
  void aListenerOfAnotherBundleIsToldNothing() throws Exception {
    added(modules.stranger(), noting("a"));
    assertEquals(List.of(), hub.newEvents());
  }

  @Test
  void eventsMayComeTwiceAndInTheWrongOrder() throws Exception {
    ServiceRegistration<DesiredListener> registration =
        register(modules.module("filter", 1), noting("a"));
    listeners.removed(registration.getReference());
    listeners.added(registration.getReference());
    listeners.added(registration.getReference());
    threads.runAll();
    change(2);
    assertEquals(List.of("a:2"), told);
    listeners.removed(registration.getReference());
    removed(registration);
    assertEquals(List.of(CONNECTS, SUBSCRIBES, "closed"), hub.newEvents());
  }

  @Test
  void anEventThatIsLateForItsServiceDoesNoHarm() throws Exception {
    ServiceRegistration<DesiredListener> registration =
        register(modules.module("filter", 1), noting("a"));
    listeners.added(registration.getReference());
    registration.unregister();
    threads.runAll();
    assertEquals(List.of(), hub.newEvents());
  }

  /** Nothing may hold the classes of a module that is gone. */
  @Test
  void whenTheLastListenerGoesItsServiceIsGivenBackAndTheConnectionClosed() throws Exception {
    ServiceRegistration<DesiredListener> registration =
        added(modules.module("filter", 1), noting("a"));
    ClientSession session = hub.session();
    assertEquals(1, registration.getReference().getUsingBundles().length);
    removed(registration);
    assertNull(registration.getReference().getUsingBundles());
    assertEquals("closed", hub.events.get(hub.events.size() - 1));
    assertEquals(
        Delivery.Absent.INSTANCE,
        session.desiredChanged(new DesiredChange("{}", 2)).toCompletableFuture().join());
  }

  @Test
  void aChangeThatWaitsWhenItsListenerLeavesIsNotAccepted() throws Exception {
    ServiceRegistration<DesiredListener> registration =
        added(modules.module("filter", 1), noting("a"));
    CompletableFuture<Delivery> answer =
        hub.session().desiredChanged(new DesiredChange("{}", 2)).toCompletableFuture();
    listeners.removed(registration.getReference());
    threads.runAll();
    assertEquals(Delivery.Absent.INSTANCE, answer.join());
    assertEquals(List.of(), told);
  }

  /** The next change may well put right what was wrong with this one. */
  @Test
  void aChangeOnWhichAListenerFailsIsNotAcceptedAndTheNextOneIsToldAllTheSame() throws Exception {
    DesiredListener failing =
        change -> {
          told.add("a:" + change.version());
          if (change.version() == 2) {
            throw new NoClassDefFoundError("acme/Gone");
          }
        };
    Bundle filter = modules.module("filter", 1);
    ServiceRegistration<DesiredListener> registration = added(filter, failing);
    assertInstanceOf(Delivery.Retry.class, change(2).join());
    assertEquals(Delivery.Accepted.INSTANCE, change(3).join());
    hub.newEvents();
    removed(registration);
    added(filter, failing);
    assertEquals(List.of("closed", CONNECTS, SUBSCRIBES), hub.newEvents());
    assertEquals(List.of("a:2", "a:3"), told);
  }

  /** The module's clients keep its connection open, so a new subscription is needed. */
  @Test
  void aListenerThatIsRegisteredAnewWhileItsModuleIsConnectedIsSubscribedAnew() throws Exception {
    ModuleConnections.Use client = connections.use("filter");
    client.connection().open();
    Bundle filter = modules.module("filter", 1);
    ServiceRegistration<DesiredListener> registration = added(filter, noting("a"));
    assertEquals(List.of(CONNECTS, SUBSCRIBES), hub.newEvents());
    listeners.removed(registration.getReference());
    added(filter, noting("a"));
    assertEquals(List.of(UNSUBSCRIBES, SUBSCRIBES), hub.newEvents());
  }

  @Test
  void allListenersOfAModuleAreToldTheHighestRankingFirst() throws Exception {
    Bundle filter = modules.module("filter", 1);
    added(filter, noting("low"));
    ServiceRegistration<DesiredListener> high =
        TestModules.register(
            filter, DesiredListener.class, noting("high"), Map.of(Constants.SERVICE_RANKING, 7));
    hub.newEvents();
    added(high.getReference());
    assertEquals(List.of(UNSUBSCRIBES, SUBSCRIBES), hub.newEvents());
    assertEquals(Delivery.Accepted.INSTANCE, change(2).join());
    assertEquals(List.of("high:2", "low:2"), told);
    removed(high);
    assertEquals(List.of(), hub.newEvents());
    change(3);
    assertEquals(List.of("high:2", "low:2", "low:3"), told);
  }

  @Test
  void aChangeIsAcceptedOnlyWhenAllListenersHaveReturned() throws Exception {
    Bundle filter = modules.module("filter", 1);
    added(filter, noting("a"));
    added(
        filter,
        change -> {
          throw new IllegalStateException("expected by this test");
        });
    assertInstanceOf(Delivery.Retry.class, change(2).join());
    assertEquals(List.of("a:2"), told);
  }

  @Test
  void theNewestGenerationIsToldWhileBothAreThereAndTheOldOneWhenItLeaves() throws Exception {
    ServiceRegistration<DesiredListener> fresh =
        register(modules.module("filter", 2), noting("new"));
    added(modules.module("filter", 1), noting("old"));
    change(2);
    hub.newEvents();
    added(fresh.getReference());
    assertEquals(List.of(UNSUBSCRIBES, SUBSCRIBES), hub.newEvents());
    change(3);
    removed(fresh);
    assertEquals(List.of(UNSUBSCRIBES, SUBSCRIBES), hub.newEvents());
    change(4);
    assertEquals(List.of("old:2", "new:3", "old:4"), told);
  }

  @Test
  void aListenerThatHangsHoldsUpItsOwnModuleOnly() throws Exception {
    added(modules.module("sensor", 1), noting("sensor"));
    ClientSession sensor = hub.session();
    List<CompletableFuture<Delivery>> others = new ArrayList<>();
    added(
        modules.module("filter", 1),
        change -> {
          told.add("hangs");
          others.add(change(sensor, 5));
          assertTrue(others.get(0).isDone());
        });
    change(2);
    assertEquals(Delivery.Accepted.INSTANCE, others.get(0).join());
    assertEquals(List.of("hangs", "sensor:5"), told);
  }

  private CompletableFuture<Void> serve(long generation) {
    CompletableFuture<Void> stage =
        traffic.serve(new ModuleLocation("filter", generation)).toCompletableFuture();
    threads.runAll();
    return stage;
  }

  @Test
  void theGenerationThatServesIsToldAndNoOtherWhicheverCameFirst() throws Exception {
    serve(1);
    added(modules.module("filter", 2), noting("new"));
    assertEquals(List.of(), hub.newEvents());
    added(modules.module("filter", 1), noting("old"));
    assertEquals(List.of(CONNECTS, SUBSCRIBES), hub.newEvents());
    change(2);
    assertTrue(serve(2).isDone());
    assertEquals(List.of(UNSUBSCRIBES, SUBSCRIBES), hub.newEvents(), "what was not accepted");
    change(3);
    assertEquals(List.of("old:2", "new:3"), told);
  }

  @Test
  void whileNobodyServesNothingIsToldAndComesLater() throws Exception {
    added(modules.module("filter", 1), noting("a"));
    hub.newEvents();
    CompletableFuture<Delivery> waiting =
        hub.session().desiredChanged(new DesiredChange("{}", 2)).toCompletableFuture();
    CompletableFuture<Void> held = traffic.hold("filter").toCompletableFuture();
    threads.runAll();
    assertTrue(held.isDone());
    assertEquals(Delivery.Absent.INSTANCE, waiting.join());
    assertEquals(List.of(UNSUBSCRIBES), hub.newEvents());
    serve(1);
    assertEquals(List.of(SUBSCRIBES), hub.newEvents());
    assertEquals(List.of(), told);
  }

  /** It has read its twin when it began, and would never know. */
  @Test
  void whoTakesOverIsToldFirstWhatTheOldGenerationAcceptedMeanwhile() throws Exception {
    added(modules.module("filter", 1), noting("old"));
    serve(1);
    change(2);
    traffic.came(new ModuleLocation("filter", 2));
    change(3);
    added(modules.module("filter", 2), noting("new"));
    change(4);
    traffic.serve(new ModuleLocation("filter", 2));
    CompletableFuture<Delivery> fifth = change(hub.session(), 5);
    assertEquals(Delivery.Accepted.INSTANCE, fifth.join());
    assertEquals(List.of("old:2", "old:3", "old:4", "new:3", "new:4", "new:5"), told);
  }

  @Test
  void whatASuccessorFailsOnComesAgainBeforeTheNextChange() throws Exception {
    boolean[] fail = {true};
    added(modules.module("filter", 1), noting("old"));
    serve(1);
    traffic.came(new ModuleLocation("filter", 2));
    change(3);
    added(
        modules.module("filter", 2),
        change -> {
          told.add("new:" + change.version());
          if (fail[0]) {
            throw new IllegalStateException("expected by this test");
          }
        });
    serve(2);
    assertInstanceOf(Delivery.Retry.class, change(4).join());
    fail[0] = false;
    assertEquals(Delivery.Accepted.INSTANCE, change(5).join());
    assertEquals(List.of("old:3", "new:3", "new:3", "new:3", "new:5"), told);
  }

  @Test
  void ofASuccessorThatGoesAgainNothingIsRemembered() throws Exception {
    added(modules.module("filter", 1), noting("old"));
    serve(1);
    traffic.came(new ModuleLocation("filter", 2));
    change(2);
    traffic.left(new ModuleLocation("filter", 2));
    change(3);
    traffic.came(new ModuleLocation("filter", 3));
    added(modules.module("filter", 3), noting("third"));
    serve(3);
    assertEquals(List.of("old:2", "old:3"), told);
  }

  @Test
  void aChangeUnderWayIsFinishedByTheOldGenerationAndTheNextOneToldToTheNew() throws Exception {
    added(modules.module("filter", 2), noting("new"));
    List<CompletableFuture<Void>> switched = new ArrayList<>();
    added(
        modules.module("filter", 1),
        change -> {
          told.add("old:" + change.version());
          switched.add(serve(2));
          assertFalse(switched.get(0).isDone());
        });
    serve(1);
    CompletableFuture<Delivery> answer =
        hub.session().desiredChanged(new DesiredChange("{}", 2)).toCompletableFuture();
    threads.runAll();
    assertTrue(switched.get(0).isDone());
    assertEquals(Delivery.Accepted.INSTANCE, answer.join());
    assertEquals(List.of("old:2", "new:2"), told, "it is the new one that has to know");
  }

  @Test
  void behindAListenerThatHangsTheNextGenerationIsToldOnceTheOldOneIsGone() throws Exception {
    added(modules.module("filter", 2), noting("new"));
    List<ServiceRegistration<DesiredListener>> registration = new ArrayList<>();
    List<CompletableFuture<Delivery>> during = new ArrayList<>();
    registration.add(
        added(
            modules.module("filter", 1),
            change -> {
              told.add("old:" + change.version());
              CompletableFuture<Void> switched = serve(2);
              during.add(change(hub.session(), 3));
              assertFalse(during.get(0).isDone());
              removed(registration.get(0));
              assertEquals(Delivery.Accepted.INSTANCE, during.get(0).join());
              assertFalse(switched.isDone());
            }));
    serve(1);
    assertEquals(Delivery.Absent.INSTANCE, change(2).join(), "it comes again");
    assertEquals(List.of("old:2", "new:3"), told);
    assertTrue(serve(2).isDone());
  }

  /** The hub waits for the answer to a change before it has the next one told. */
  @Test
  void whenAListenerThatHangsIsGoneTheOthersOfItsModuleAreToldAgain() throws Exception {
    Bundle filter = modules.module("filter", 1);
    added(filter, noting("a"));
    List<ServiceRegistration<DesiredListener>> registration = new ArrayList<>();
    List<CompletableFuture<Delivery>> again = new ArrayList<>();
    registration.add(
        added(
            filter,
            change -> {
              told.add("hangs:" + change.version());
              hub.newEvents();
              removed(registration.get(0));
              if (hub.newEvents().equals(List.of(UNSUBSCRIBES, SUBSCRIBES))) {
                again.add(change(2));
              }
            }));
    change(2);
    assertEquals(Delivery.Accepted.INSTANCE, again.get(0).join());
    assertEquals("a:2", told.get(told.size() - 1));
    assertTrue(told.contains("hangs:2"));
  }

  @Test
  void closingGivesAllBackAndLateEventsAreIgnored() throws Exception {
    ServiceRegistration<DesiredListener> registration =
        added(modules.module("filter", 1), noting("a"));
    listeners.close();
    threads.runAll();
    assertNull(registration.getReference().getUsingBundles());
    assertEquals("closed", hub.events.get(hub.events.size() - 1));
    removed(registration);
  }
}
