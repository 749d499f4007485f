package io.gantry.routing.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.pump.Surroundings;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteSet;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.routing.FakeEndpoint;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What route objects say: priority, time to live, durability; and what waits too long. */
class PriorityTest {

  private static final ModuleInput INPUT = new ModuleInput("m", "in");
  private static final String INTO = " INTO BrokeredEndpoint(\"/modules/m/inputs/in\")";
  private static final int MEMORY = 10_000;

  private final FakeStore store = new FakeStore();
  private final ManualTime time = new ManualTime();
  private final FakeDrops drops = new FakeDrops();
  private final FakeEndpoint receiver =
      new FakeEndpoint(INPUT).answerWith(Delivery.Accepted.INSTANCE);
  private ManualThreads threads = new ManualThreads();
  private Pumps pumps = pumps();
  private Dispatcher dispatcher = new Dispatcher(store, pumps, time, drops);

  private Pumps pumps() {
    return new Pumps(
        store,
        threads,
        new Surroundings(
            time,
            time,
            drops,
            (address, message, reason, refusals) -> CompletableFuture.completedFuture(0L),
            10,
            8,
            MEMORY));
  }

  private void restart() {
    pumps.close();
    threads = new ManualThreads();
    pumps = pumps();
    dispatcher = new Dispatcher(store, pumps, time, drops);
  }

  private void come() {
    pumps.add(receiver);
    threads.runAll();
  }

  private static RouteDefinition route(String name, String condition, int priority) {
    return route(name, condition, priority, Optional.empty(), true);
  }

  private static RouteDefinition route(
      String name, String condition, int priority, Optional<Duration> life, boolean durable) {
    String text = "FROM /messages/*" + (condition.isEmpty() ? "" : " WHERE " + condition) + INTO;
    return new RouteDefinition(name, text, priority, life, durable);
  }

  private void use(RouteDefinition... routes) {
    dispatcher.replace(RouteSet.of(List.of(routes)));
  }

  private CompletableFuture<?> send(String body, String level) {
    Message message = Message.of(Payload.ofText(body)).withProperty("level", level);
    return dispatcher
        .route(
            new RoutedMessage(
                MessageSource.DEVICE, new DeviceIdentity("d1"), time.instant(), message))
        .toCompletableFuture();
  }

  private EndpointStatus status() {
    return dispatcher.endpoints().stream()
        .filter(status -> status.address().equals(INPUT.id()))
        .findFirst()
        .orElseThrow();
  }

  private void useThreePriorities() {
    use(
        route("high", "level = 'high'", 0),
        route("middle", "level = 'middle'", 4),
        route("low", "level = 'low'", RouteDefinition.NO_PRIORITY));
  }

  @Test
  void theBetterPriorityGoesFirstAndEachIsInOrder() {
    useThreePriorities();
    for (int i = 0; i < 2; i++) {
      send("low" + i, "low");
      send("middle" + i, "middle");
      send("high" + i, "high");
    }
    come();
    assertEquals(
        List.of("high0", "high1", "middle0", "middle1", "low0", "low1"), receiver.bodies());
    assertEquals(0, status().pending());
  }

  /** Of eight deliveries one goes to the oldest message below. */
  @Test
  void aBusyPriorityDoesNotStarveThoseBelow() {
    useThreePriorities();
    send("low0", "low");
    time.advance(Duration.ofSeconds(1));
    send("middle0", "middle");
    for (int i = 0; i < 40; i++) {
      send("high" + i, "high");
    }
    come();
    assertEquals(7, receiver.bodies().indexOf("low0"), "it is older than middle0");
    assertEquals(15, receiver.bodies().indexOf("middle0"));
    assertEquals(42, receiver.bodies().size());
  }

  @Test
  void prioritiesAndTheirOrderSurviveARestart() {
    useThreePriorities();
    for (int i = 0; i < 3; i++) {
      send("low" + i, "low");
      send("high" + i, "high");
    }
    restart();
    come();
    assertEquals(List.of("high0", "high1", "high2", "low0", "low1", "low2"), receiver.bodies());
  }

  @Test
  void severalRoutesToOneEndpointMakeOneCopyWithTheBestPriority() {
    use(
        route("low", "", 9, Optional.of(Duration.ofSeconds(1)), true),
        route("high", "level = 'high'", 1, Optional.of(Duration.ofHours(1)), false));
    send("first", "low");
    send("second", "high");
    time.advance(Duration.ofSeconds(30));
    come();
    assertEquals(List.of("second"), receiver.bodies(), "with the life of the better route");
    assertEquals(2, store.status().appended(), "durable, because one of them is");
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 1L), drops.counts());
  }

  @Test
  void whatIsTooOldIsSkippedAndCountedAndWhatIsNotIsDelivered() {
    use(
        route("short", "level = 'short'", 3, Optional.of(Duration.ofSeconds(10)), true),
        route("long", "level = 'long'", 3, Optional.of(Duration.ofSeconds(100)), true));
    for (int i = 0; i < 50; i++) {
      send("short" + i, "short");
    }
    send("long", "long");
    time.advance(Duration.ofSeconds(11));
    come();
    assertEquals(List.of("long"), receiver.bodies());
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 50L), drops.counts());
    assertEquals(0, status().pending());
  }

  /** Never a moment too early. */
  @Test
  void aMessageLivesAsLongAsItsRouteSays() {
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), true));
    send("x", "");
    time.advance(Duration.ofMillis(9_999));
    come();
    assertEquals(List.of("x"), receiver.bodies());
  }

  /** The life is fixed when the message is stored. */
  @Test
  void newRoutesDoNotChangeHowLongOldMessagesLive() {
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), true));
    send("old", "");
    use(route("r", "", 3, Optional.empty(), true));
    send("new", "");
    time.advance(Duration.ofSeconds(20));
    come();
    assertEquals(List.of("new"), receiver.bodies());
  }

  @Test
  void whatIsTooOldFreesItsSpaceEveryMinuteAlthoughNobodyComes() {
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), true));
    for (int i = 0; i < 30_000; i++) {
      send("x", "");
    }
    threads.runAll();
    assertEquals(30_000, status().pending());
    time.advance(Duration.ofSeconds(61));
    threads.runAll();
    assertEquals(0, status().pending());
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 30_000L), drops.counts());
  }

  @Test
  void whatIsTooOldFreesItsSpaceAtTheStart() {
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), true));
    send("x", "");
    time.advance(Duration.ofSeconds(11));
    restart();
    threads.runAll();
    assertEquals(0, store.queue(INPUT.id() + "#3").pending());
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 1L), drops.counts());
  }

  @Test
  void whatCameBackFromAReceiverAndIsTooOldNowIsNotSentAgain() {
    receiver.answerWith(new Delivery.Retry("busy"));
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), true));
    send("x", "");
    come();
    assertEquals(1, receiver.bodies().size());
    time.advance(Duration.ofSeconds(300));
    threads.runAll();
    int tries = receiver.bodies().size();
    assertEquals(0, status().pending());
    assertTrue(tries < 6, "tried " + tries + " times");
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 1L), drops.counts());
  }

  @Test
  void aRouteThroughMemoryStoresNothingAndIsBounded() {
    use(route("r", "", 3, Optional.empty(), false));
    int accepted = 0;
    while (!send("x" + accepted, "").isCompletedExceptionally()) {
      accepted++;
    }
    assertTrue(accepted > 10 && accepted < MEMORY / 100, "accepted " + accepted);
    assertEquals(0, store.status().appended());
    assertEquals(accepted, status().pending());
    assertTrue(status().pendingBytes() <= MEMORY);
    come();
    assertEquals(accepted, receiver.bodies().size());
    assertEquals(0, status().pending());
    assertEquals(0, status().pendingBytes());
    assertFalse(send("again", "").isCompletedExceptionally());
    threads.runAll();
    assertEquals("again", receiver.bodies().get(accepted));
  }

  @Test
  void aPurgeFreesTheMemory() {
    use(route("r", "", 3, Optional.empty(), false));
    pumps.add(new FakeEndpoint(INPUT));
    for (int i = 0; i < 20; i++) {
      send("x", "");
    }
    threads.runAll();
    CompletableFuture<Optional<Long>> purged = dispatcher.purge(INPUT.id()).toCompletableFuture();
    threads.runAll();
    assertEquals(Optional.of(20L), purged.join());
    assertEquals(0, status().pendingBytes());
    assertEquals(0, status().pending());
  }

  @Test
  void whatWaitsInMemoryExpiresToo() {
    use(route("r", "", 3, Optional.of(Duration.ofSeconds(10)), false));
    send("x", "");
    time.advance(Duration.ofSeconds(61));
    threads.runAll();
    assertEquals(0, status().pendingBytes());
    assertEquals(Map.of(DropReason.TTL_EXPIRY, 1L), drops.counts());
  }

  @Test
  void theQueueOfARouteThatIsGoneIsKeptUntilItIsPurged() {
    useThreePriorities();
    send("low", "low");
    send("high", "high");
    use();
    restart();
    threads.runAll();
    assertEquals(2, status().pending());
    CompletableFuture<Optional<Long>> purged = dispatcher.purge(INPUT.id()).toCompletableFuture();
    threads.runAll();
    assertEquals(Optional.of(2L), purged.join());
    assertEquals(List.of(), dispatcher.endpoints());
    assertEquals(Optional.empty(), dispatcher.purge("no address").toCompletableFuture().join());
    come();
    assertEquals(List.of(), receiver.bodies());
  }

  /** What was handed over before cannot be taken back, but its answer is not waited for. */
  @Test
  void aPurgeForgetsWhatIsUnderWay() {
    useThreePriorities();
    FakeEndpoint silent = new FakeEndpoint(INPUT);
    pumps.add(silent);
    for (int i = 0; i < 30; i++) {
      send("m" + i, "low");
    }
    threads.runAll();
    dispatcher.purge(INPUT.id());
    threads.runAll();
    assertEquals(0, status().pending());
    send("after", "low");
    threads.runAll();
    assertEquals("after", silent.bodies().get(silent.bodies().size() - 1));
  }

  @Test
  void theLastMessagesAreExplained() {
    use(route("high", "level = 'high'", 0));
    send("a", "high");
    send("b", "low");
    List<RouteHistory> last = dispatcher.explainLast("high", 10).orElseThrow();
    List<Boolean> fired = new ArrayList<>();
    last.forEach(history -> fired.add(history.explanation().fires()));
    assertEquals(List.of(false, true), fired);
    assertEquals(
        List.of("level = 'high' is false: level is 'low'"), last.get(0).explanation().reasons());
    assertEquals(1, dispatcher.explainLast("high", 1).orElseThrow().size());
    assertEquals(Optional.empty(), dispatcher.explainLast("other", 1));
    for (int i = 0; i < 200; i++) {
      send("c", "high");
    }
    assertEquals(64, dispatcher.explainLast("high", 1_000).orElseThrow().size());
  }
}
