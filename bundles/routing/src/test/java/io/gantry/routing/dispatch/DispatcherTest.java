package io.gantry.routing.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.routing.deadletter.StoredDeadLetters;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.pump.Surroundings;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.DeadLetters.DeadLetter;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointAddress.Upstream;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteSet;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.routing.FakeEndpoint;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Routes, queues and pumps together, as the other bundles see them. */
class DispatcherTest {

  private static final int REFUSALS = 10;
  private static final ModuleInput INPUT = new ModuleInput("filter", "in1");
  private static final RouteDefinition TO_INPUT =
      new RouteDefinition(
          "in", "FROM /messages/* INTO BrokeredEndpoint(\"/modules/filter/inputs/in1\")");
  private static final RouteDefinition UP =
      new RouteDefinition("up", "FROM /messages/* WHERE level = 'high' INTO $upstream");

  private final FakeStore store = new FakeStore();
  private final ManualTime time = new ManualTime();
  private final FakeDrops drops = new FakeDrops();
  private final FakeEndpoint filter =
      new FakeEndpoint(INPUT).answerWith(Delivery.Accepted.INSTANCE);
  private ManualThreads threads = new ManualThreads();
  private final StoredDeadLetters deadLetters =
      new StoredDeadLetters(
          store.log("dead-letters", 1 << 20), store.table("dead-letters"), store, time);
  private final Surroundings around =
      new Surroundings(time, time, drops, deadLetters::add, REFUSALS, 8, 10_000);
  private Pumps pumps = new Pumps(store, threads, around);
  private Dispatcher dispatcher = new Dispatcher(store, pumps, time, drops);

  private CompletableFuture<?> send(String body) {
    return send(Message.of(Payload.ofText(body)));
  }

  private CompletableFuture<?> send(Message message) {
    return dispatcher
        .route(
            new RoutedMessage(
                MessageSource.DEVICE, new DeviceIdentity("thermo1"), time.instant(), message))
        .toCompletableFuture();
  }

  private void replace(List<RouteDefinition> routes) {
    dispatcher.replace(RouteSet.of(routes));
  }

  private void restart() {
    pumps.close();
    threads = new ManualThreads();
    pumps = new Pumps(store, threads, around);
    dispatcher = new Dispatcher(store, pumps, time, drops);
  }

  private EndpointStatus status(EndpointAddress address) {
    return dispatcher.endpoints().stream()
        .filter(status -> status.address().equals(address.id()))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  @Test
  void aMessageThatNoRouteMatchesIsAcceptedAndCounted() {
    replace(List.of(UP));
    send("x").join();
    assertEquals(Map.of(DropReason.NO_ROUTE, 1L), drops.counts());
  }

  @Test
  void aMessageForSeveralEndpointsIsStoredOnceForAllAndOnceForEach() {
    replace(List.of(TO_INPUT, UP, new RouteDefinition("again", "FROM /* INTO $upstream")));
    send(Message.of(Payload.ofText("x")).withProperty("level", "high")).join();
    assertEquals(1, store.status().appended());
    assertEquals(1, store.queue(INPUT.id()).pending());
    assertEquals(1, store.queue("$upstream").pending());
  }

  @Test
  void theSenderIsToldOnlyWhenTheStoreSaysSo() {
    replace(List.of(TO_INPUT));
    store.hold();
    CompletableFuture<?> answer = send("x");
    assertFalse(answer.isDone());
    store.release();
    answer.join();
    assertEquals(1, store.queue(INPUT.id()).pending());
  }

  @Test
  void aStoreThatRefusesReachesTheSender() {
    replace(List.of(TO_INPUT));
    store.refuse(StoreException.Kind.FULL);
    assertTrue(send("x").isCompletedExceptionally());
  }

  @Test
  void messagesThatCameBeforeTheirReceiverWaitForIt() {
    replace(List.of(TO_INPUT));
    numbers(0, 100).forEach(this::send);
    threads.runAll();
    assertEquals("absent", status(INPUT).state());
    pumps.add(filter);
    threads.runAll();
    assertEquals(numbers(0, 100), filter.bodies());
    assertEquals("idle", status(INPUT).state());
    assertEquals(0, status(INPUT).pending());
  }

  @Test
  void aReceiverThatCameBeforeTheMessagesGetsThemAtOnce() {
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    threads.runAll();
    send("x");
    threads.runAll();
    assertEquals(List.of("x"), filter.bodies());
  }

  @Test
  void anEndpointThatBeginsToServeSaysSoAndIsServed() {
    filter.serving(false);
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    send("x");
    threads.runAll();
    assertEquals(List.of(), filter.bodies());
    filter.serving(true);
    dispatcher.resume(INPUT);
    threads.runAll();
    assertEquals(List.of("x"), filter.bodies());
  }

  @Test
  void atMostAWindowOfMessagesIsUnanswered() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 50).forEach(this::send);
    threads.runAll();
    assertEquals(numbers(0, 16), filter.bodies());
    filter.answer(0, Delivery.Accepted.INSTANCE);
    threads.runAll();
    assertEquals(numbers(0, 17), filter.bodies());
  }

  /** The position may only move over what is answered: a crash must not skip the gap. */
  @Test
  void thePositionMovesOverTheAnsweredPrefixOnly() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 3).forEach(this::send);
    threads.runAll();
    filter.answer(1, Delivery.Accepted.INSTANCE);
    filter.answer(2, Delivery.Accepted.INSTANCE);
    threads.runAll();
    assertEquals(-1, store.queue(INPUT.id()).committed());
    filter.answer(0, Delivery.Accepted.INSTANCE);
    threads.runAll();
    assertEquals(2, store.queue(INPUT.id()).committed());
  }

  @Test
  void whatIsRefusedStaysFirstInLineAndComesAgainAfterAPause() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 2).forEach(this::send);
    threads.runAll();
    filter.answer(0, new Delivery.Retry("busy"));
    filter.answer(1, new Delivery.Retry("a message before it failed"));
    threads.runAll();
    send("2");
    threads.runAll();
    assertEquals("backoff", status(INPUT).state());
    assertEquals(numbers(0, 2), filter.bodies());
    filter.answerWith(Delivery.Accepted.INSTANCE);
    time.advance(Duration.ofMillis(999));
    threads.runAll();
    assertEquals(2, filter.bodies().size());
    time.advance(Duration.ofMillis(1));
    threads.runAll();
    assertEquals(List.of("0", "1", "0", "1", "2"), filter.bodies());
    assertEquals(2, store.queue(INPUT.id()).committed());
  }

  /**
   * The end of a connection is known by the answers of its messages, which may come when the next
   * one is already there: nothing new may overtake them, nor may the answers that come first make
   * their messages overtake the others.
   */
  @Test
  void theNextConnectionBeginsWithAllThatTheFormerOneLeftUnanswered() {
    FakeEndpoint before = new FakeEndpoint(INPUT);
    FakeEndpoint after = new FakeEndpoint(INPUT);
    AtomicReference<FakeEndpoint> present = new AtomicReference<>(before);
    pumps.add(
        new Endpoint() {
          @Override
          public boolean serves(EndpointAddress address) {
            return address.equals(INPUT);
          }

          @Override
          public Endpoint receiver(EndpointAddress address) {
            return present.get();
          }

          @Override
          public CompletionStage<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
            throw new AssertionError("not asked who receives");
          }
        });
    replace(List.of(TO_INPUT));
    numbers(0, 20).forEach(this::send);
    threads.runAll();
    before.answer(0, Delivery.Accepted.INSTANCE);
    before.answer(5, Delivery.Absent.INSTANCE);
    present.set(after);
    dispatcher.resume(INPUT);
    threads.runAll();
    assertEquals(numbers(0, 16), before.bodies());
    assertEquals(numbers(1, 17), after.bodies());

    before.answer(1, Delivery.Absent.INSTANCE);
    threads.runAll();
    assertEquals("sending", status(INPUT).state());
    assertEquals(numbers(1, 17), after.bodies());
  }

  @Test
  void whatWasAcceptedBehindARefusedMessageIsNotSentAgain() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 3).forEach(this::send);
    threads.runAll();
    filter.answer(0, new Delivery.Retry("busy"));
    filter.answer(1, Delivery.Accepted.INSTANCE);
    filter.answer(2, Delivery.Accepted.INSTANCE);
    filter.answerWith(Delivery.Accepted.INSTANCE);
    threads.runAll();
    time.advance(Duration.ofSeconds(1));
    threads.runAll();
    assertEquals(List.of("0", "1", "2", "0"), filter.bodies());
  }

  @Test
  void whatCanNeverBeHandledIsADeadLetterAndHoldsUpNobody() throws Exception {
    filter.answerWith(new Delivery.Rejected("no temperature in it"));
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 20).forEach(this::send);
    threads.runAll();
    assertEquals(Map.of(DropReason.DEAD_LETTER, 20L), drops.counts());
    assertEquals(0, status(INPUT).pending());
    assertEquals(0, status(INPUT).delivered());
    List<DeadLetter> letters = deadLetters.read(0, 100);
    assertEquals(numbers(0, 20), letters.stream().map(DispatcherTest::body).toList());
    DeadLetter first = letters.get(0);
    assertEquals(INPUT.id(), first.endpoint());
    assertEquals("no temperature in it", first.reason());
    assertEquals(1, first.refusals());
    assertEquals(time.instant(), first.time());
  }

  private static String body(DeadLetter letter) {
    return letter.message().message().body().asText();
  }

  private void refuse(int times) {
    for (int i = 0; i < times; i++) {
      threads.runAll();
      time.advance(Duration.ofSeconds(60));
    }
    threads.runAll();
  }

  @Test
  void whatAModuleRefusesTenTimesIsADeadLetter() throws Exception {
    filter.answerWith(new Delivery.Retry("NullPointerException"));
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    send("0");
    refuse(REFUSALS - 2);
    assertEquals(List.of(), deadLetters.read(0, 1));
    assertEquals(1, status(INPUT).pending());
    refuse(1);
    assertEquals(REFUSALS, filter.bodies().size());
    DeadLetter letter = deadLetters.read(0, 1).get(0);
    assertEquals("NullPointerException", letter.reason());
    assertEquals(REFUSALS, letter.refusals());
    assertEquals(0, status(INPUT).pending());
    assertEquals(Map.of(DropReason.DEAD_LETTER, 1L), drops.counts());
  }

  @Test
  void whatUpstreamRefusesIsTriedForEver() throws Exception {
    FakeEndpoint cloud =
        new FakeEndpoint(new Upstream()).answerWith(new Delivery.Retry("throttled"));
    pumps.add(cloud);
    replace(List.of(new RouteDefinition("up", "FROM /* INTO $upstream")));
    send("0");
    refuse(3 * REFUSALS);
    assertTrue(cloud.bodies().size() > 2 * REFUSALS);
    assertEquals(List.of(), deadLetters.read(0, 1));
  }

  /** Who stands behind a message that fails is not to blame, and what operators read is why. */
  @Test
  void messagesBehindOneThatIsRefusedAreNoDeadLetters() throws Exception {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    send("0");
    send("1");
    for (int i = 0; i < REFUSALS; i++) {
      threads.runAll();
      filter.answer(2 * i, new Delivery.Retry("bad"));
      filter.answer(2 * i + 1, new Delivery.Deferred("behind"));
      threads.runAll();
      assertEquals("bad", status(INPUT).lastProblem());
      time.advance(Duration.ofSeconds(60));
    }
    threads.runAll();
    assertEquals(List.of("0"), deadLetters.read(0, 9).stream().map(DispatcherTest::body).toList());
    assertEquals(1, status(INPUT).pending());
  }

  /** A slow receiver is not an unwilling one. */
  @Test
  void silenceMakesNoDeadLetter() throws Exception {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    send("0");
    refuse(4 * REFUSALS);
    assertTrue(filter.bodies().size() > REFUSALS, "tries: " + filter.bodies().size());
    assertEquals(List.of(), deadLetters.read(0, 1));
  }

  /** Acknowledged means stored, for the dead as well. */
  @Test
  void aMessageStaysInItsQueueUntilItsDeadLetterIsDurable() throws Exception {
    filter.answerWith(new Delivery.Rejected("never"));
    replace(List.of(TO_INPUT));
    send("0");
    store.hold();
    pumps.add(filter);
    threads.runAll();
    assertEquals(1, status(INPUT).pending());
    assertEquals(Map.of(), drops.counts());
    store.release();
    threads.runAll();
    assertEquals(0, status(INPUT).pending());
    assertEquals(1, deadLetters.read(0, 9).size());
  }

  @Test
  void aDeadLetterThatCannotBeKeptIsAMessageThatIsTriedAgain() throws Exception {
    filter.answerWith(new Delivery.Rejected("never"));
    replace(List.of(TO_INPUT));
    send("0");
    store.refuse(StoreException.Kind.FULL);
    pumps.add(filter);
    threads.runAll();
    assertEquals("backoff", status(INPUT).state());
    assertEquals(1, status(INPUT).pending());
    store.refuse(null);
    filter.answerWith(Delivery.Accepted.INSTANCE);
    refuse(1);
    assertEquals(0, status(INPUT).pending());
    assertEquals(1, status(INPUT).delivered());
    assertEquals(List.of(), deadLetters.read(0, 1));
    assertEquals(Map.of(), drops.counts());
  }

  @Test
  void aDeadLetterIsReplayedIntoItsQueueAndThenGone() throws Exception {
    filter.answerWith(new Delivery.Rejected("never"));
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 3).forEach(this::send);
    threads.runAll();
    filter.answerWith(Delivery.Accepted.INSTANCE);
    assertTrue(deadLetters.replay(1).toCompletableFuture().join());
    threads.runAll();
    assertEquals(List.of("0", "1", "2", "1"), filter.bodies());
    assertFalse(deadLetters.replay(1).toCompletableFuture().join(), "once is enough");
    assertEquals(
        List.of("0", "2"), deadLetters.read(0, 9).stream().map(DispatcherTest::body).toList());
    assertEquals(1, deadLetters.purge(0).toCompletableFuture().join());
    assertEquals(List.of("2"), deadLetters.read(0, 9).stream().map(DispatcherTest::body).toList());
    assertEquals(1, deadLetters.purge(Long.MAX_VALUE).toCompletableFuture().join());
    assertEquals(List.of(), deadLetters.read(0, 9));
    assertEquals(0, deadLetters.purge(Long.MAX_VALUE).toCompletableFuture().join());
    assertEquals(Set.of("purged"), store.table("dead-letters").keys());
  }

  @Test
  void aReceiverThatIsSilentGetsTheMessageAgainAndItsLateAnswerIsIgnored() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    send("0");
    threads.runAll();
    time.advance(Duration.ofSeconds(30));
    threads.runAll();
    time.advance(Duration.ofSeconds(1));
    threads.runAll();
    assertEquals(List.of("0", "0"), filter.bodies());
    filter.answer(0, new Delivery.Rejected("too late to matter"));
    threads.runAll();
    assertEquals(-1, store.queue(INPUT.id()).committed());
    filter.answer(1, Delivery.Accepted.INSTANCE);
    threads.runAll();
    assertEquals(0, store.queue(INPUT.id()).committed());
    assertEquals(Map.of(), drops.counts());
  }

  @Test
  void whatAReceiverTookAlongWhenItLeftGoesToTheNextOneInOrder() {
    filter.hold();
    pumps.add(filter);
    replace(List.of(TO_INPUT));
    numbers(0, 5).forEach(this::send);
    threads.runAll();
    pumps.remove(filter);
    threads.runAll();
    FakeEndpoint next = new FakeEndpoint(INPUT).answerWith(Delivery.Accepted.INSTANCE);
    pumps.add(next);
    threads.runAll();
    assertEquals(numbers(0, 5), next.bodies());
    assertEquals(0, status(INPUT).pending());
  }

  @Test
  void aReceiverThatThrowsIsTriedAgain() {
    Endpoint broken =
        new Endpoint() {
          @Override
          public boolean serves(EndpointAddress address) {
            return address.equals(INPUT);
          }

          @Override
          public CompletableFuture<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
            throw new IllegalStateException("expected by this test");
          }
        };
    pumps.add(broken);
    replace(List.of(TO_INPUT));
    send("0");
    threads.runAll();
    assertEquals("backoff", status(INPUT).state());
    pumps.remove(broken);
    pumps.add(filter);
    threads.runAll();
    assertEquals(List.of("0"), filter.bodies());
  }

  @Test
  void aRestartGoesOnBehindThePositionEvenWhereNoRouteLeadsAnyMore() {
    replace(List.of(TO_INPUT));
    numbers(0, 3).forEach(this::send);
    threads.runAll();
    restart();
    pumps.add(filter);
    threads.runAll();
    assertEquals(numbers(0, 3), filter.bodies());
    restart();
    pumps.add(filter);
    threads.runAll();
    assertEquals(numbers(0, 3), filter.bodies());
  }

  @Test
  void aStoredRecordThatIsDamagedIsCountedAndPassedOver() {
    replace(List.of(TO_INPUT));
    send("0");
    store.append(new byte[] {9, 9, 9}, List.of(INPUT.id()));
    send("1");
    pumps.add(filter);
    threads.runAll();
    assertEquals(List.of("0", "1"), filter.bodies());
    assertEquals(Map.of(DropReason.CORRUPT, 1L), drops.counts());
  }

  @Test
  void oneBadRouteLeavesAllOldOnesInForce() {
    replace(List.of(TO_INPUT));
    List<RouteDefinition> next = List.of(UP, new RouteDefinition("bad", "FROM /messages/* TO x"));
    assertEquals(
        List.of(new RouteError("bad", 18, "expected WHERE or INTO, found 'TO'")),
        dispatcher.check(RouteSet.of(next)));
    assertThrows(IllegalArgumentException.class, () -> replace(next));
    assertEquals(List.of(TO_INPUT), dispatcher.routes());
    send("x").join();
    assertEquals(1, store.queue(INPUT.id()).pending());
  }

  @Test
  void sourcesMatchOnSlashBoundariesAndWithoutCase() {
    replace(List.of(new RouteDefinition("up", "FROM /messages/modules/Filter/* INTO $upstream")));
    assertTrue(hasRoute(MessageSource.moduleOutput("filter", "out1")));
    assertTrue(hasRoute(MessageSource.module("FILTER")));
    assertFalse(hasRoute(MessageSource.moduleOutput("filter2", "out1")));
    assertFalse(hasRoute(MessageSource.DEVICE));
  }

  private boolean hasRoute(String source) {
    long before = store.status().appended();
    dispatcher
        .route(
            new RoutedMessage(
                source, new DeviceIdentity("d"), time.instant(), Message.of(Payload.EMPTY)))
        .toCompletableFuture()
        .join();
    return store.status().appended() > before;
  }

  @Test
  void whatIsDeliveredIsWhatWasSentWithEveryProperty() {
    FakeEndpoint upstream = new FakeEndpoint(new Upstream()).answerWith(Delivery.Accepted.INSTANCE);
    pumps.add(upstream);
    replace(List.of(new RouteDefinition("up", "FROM /* INTO $upstream")));
    Message message =
        Message.json("{\"\u00fc\":\"\ud83d\ude00\"}")
            .withProperty("empty", "")
            .withProperty("none", null)
            .withProperty("\u00e4=&?", "%\n");
    send(message);
    threads.runAll();
    RoutedMessage received = upstream.received().get(0);
    assertEquals(message, received.message());
    assertEquals(new DeviceIdentity("thermo1"), received.sender());
    assertEquals(time.instant(), received.enqueuedTime());
  }

  // ---- messages for devices

  private static final EndpointAddress DEVICE = new EndpointAddress.Device("thermo1");

  private final FakeEndpoint device = new FakeEndpoint(DEVICE).withWindow(1);
  private final AtomicReference<FakeEndpoint> connection = new AtomicReference<>(device);

  private void addDevice() {
    pumps.add(
        new Endpoint() {
          @Override
          public boolean serves(EndpointAddress address) {
            return connection.get().serves(address);
          }

          @Override
          public Endpoint receiver(EndpointAddress address) {
            return connection.get();
          }

          @Override
          public CompletionStage<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
            throw new AssertionError("not asked who receives");
          }
        });
  }

  private void sendToDevice(String body) {
    RoutedMessage message =
        new RoutedMessage(
            "to a device",
            new DeviceIdentity("gateway"),
            time.instant(),
            Message.of(Payload.ofText(body)));
    dispatcher.send(DEVICE, message, Long.MAX_VALUE).toCompletableFuture().join();
  }

  private FakeEndpoint reconnect() {
    FakeEndpoint next = new FakeEndpoint(DEVICE).withWindow(1);
    connection.set(next);
    dispatcher.resume(DEVICE);
    threads.runAll();
    return next;
  }

  private static List<String> deliveryCounts(FakeEndpoint receiver) {
    return receiver.received().stream()
        .map(routed -> routed.message().systemProperties().get("deliveryCount"))
        .toList();
  }

  /** The pause after a refusal is for the receiver that refused: whoever comes anew is served. */
  @Test
  void aDeviceThatConnectsAnewDoesNotWaitForThePauseOfItsFormerConnection() {
    addDevice();
    sendToDevice("0");
    threads.runAll();
    for (int i = 0; i < 6; i++) {
      connection.get().answer(0, new Delivery.Retry("the connection ended"));
      threads.runAll();
      assertEquals("backoff", status(DEVICE).state());
      FakeEndpoint next = reconnect();
      assertEquals(List.of("0"), next.bodies());
      assertEquals(List.of(String.valueOf(i + 1)), deliveryCounts(next));
    }
    assertEquals(List.of("0"), deliveryCounts(device));
  }

  /** Also when the new connection is there before the end of the former one is known. */
  @Test
  void whatADeviceTookAlongTenTimesIsADeadLetterAndTheNextOneIsDelivered() throws Exception {
    addDevice();
    sendToDevice("0");
    sendToDevice("1");
    threads.runAll();
    for (int i = 1; i < REFUSALS; i++) {
      FakeEndpoint former = connection.get();
      FakeEndpoint next = reconnect();
      former.answer(0, new Delivery.Retry("the connection ended"));
      threads.runAll();
      assertEquals(List.of("0"), next.bodies());
      assertEquals(List.of(), deadLetters.read(0, 1));
    }
    FakeEndpoint last = reconnect();
    assertEquals(List.of("1"), last.bodies());
    assertEquals(List.of("0"), deliveryCounts(last));
    DeadLetter letter = deadLetters.read(0, 1).get(0);
    assertEquals("0", body(letter));
    assertEquals(DEVICE.id(), letter.endpoint());
    assertEquals(REFUSALS, letter.refusals());
    assertEquals(Map.of(), letter.message().message().systemProperties(), "as it was sent");
  }

  @Test
  void whatADeviceRefusesTenTimesIsADeadLetter() throws Exception {
    addDevice();
    device.answerWith(new Delivery.Retry("the connection ended"));
    sendToDevice("0");
    refuse(REFUSALS - 2);
    assertEquals(List.of(), deadLetters.read(0, 1));
    refuse(1);
    assertEquals("0", body(deadLetters.read(0, 1).get(0)));
    assertEquals(REFUSALS, device.bodies().size());
  }

  @Test
  void messagesForADeviceSurviveARestartInTheirOrder() {
    numbers(0, 3).forEach(this::sendToDevice);
    restart();
    device.answerWith(Delivery.Accepted.INSTANCE);
    addDevice();
    threads.runAll();
    assertEquals(numbers(0, 3), device.bodies());
    assertEquals(0, dispatcher.waiting(DEVICE));
  }
}
