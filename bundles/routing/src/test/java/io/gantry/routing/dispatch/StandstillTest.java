package io.gantry.routing.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.pump.Surroundings;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageSource;
import io.gantry.spi.routing.RouteDefinition;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** After whatever has happened, what waits goes on as soon as it can. */
class StandstillTest {

  private static final ModuleInput INPUT = new ModuleInput("filter", "in1");
  private static final RouteDefinition TO_INPUT =
      new RouteDefinition(
          "in", "FROM /messages/* INTO BrokeredEndpoint(\"/modules/filter/inputs/in1\")");

  private final FakeStore store = new FakeStore();
  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private final FakeDrops drops = new FakeDrops();
  private final FakeEndpoint filter = new FakeEndpoint(INPUT);
  private final List<CompletableFuture<Long>> deadLetters = new ArrayList<>();
  private final Pumps pumps =
      new Pumps(
          store,
          threads,
          new Surroundings(
              time, time, drops, (to, message, reason, refusals) -> bury(), 10, 8, 10_000));
  private final Dispatcher dispatcher = new Dispatcher(store, pumps, time, drops);

  private boolean tooLarge;

  private CompletionStage<Long> bury() {
    if (tooLarge) {
      throw new IllegalArgumentException("expected by this test");
    }
    CompletableFuture<Long> kept = new CompletableFuture<>();
    deadLetters.add(kept);
    return kept;
  }

  private void send(String body) {
    Message message = Message.of(Payload.ofText(body));
    dispatcher
        .route(
            new RoutedMessage(
                MessageSource.DEVICE, new DeviceIdentity("thermo1"), time.instant(), message))
        .toCompletableFuture()
        .join();
    threads.runAll();
  }

  private void route(RouteDefinition... routes) {
    dispatcher.replace(RouteSet.of(List.of(routes)));
    threads.runAll();
  }

  private void purge() {
    dispatcher.purge(INPUT.id());
    threads.runAll();
  }

  private void advance(Duration duration) {
    time.advance(duration);
    threads.runAll();
  }

  private String state() {
    return dispatcher.endpoints().stream()
        .filter(status -> status.address().equals(INPUT.id()))
        .map(EndpointStatus::state)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aQueueThatCouldNotBeReadIsReadAgainAfterAPause() {
    filter.answerWith(Delivery.Accepted.INSTANCE);
    pumps.add(filter);
    route(TO_INPUT);
    store.failReads(1);
    send("a");
    assertEquals("backoff", state());
    send("b");
    advance(Duration.ofSeconds(1));
    assertEquals(List.of("a", "b"), filter.bodies());
    assertEquals("idle", state());
  }

  /** What is purged is mostly what some receiver does not get done with. */
  @Test
  void behindAPurgeNothingWaitsForAnswersThatNeverCome() {
    pumps.add(filter.withWindow(2));
    route(TO_INPUT);
    List.of("1", "2", "3").forEach(this::send);
    assertEquals(List.of("1", "2"), filter.bodies());
    purge();
    send("new");
    assertEquals(List.of("1", "2", "new"), filter.bodies());
    filter.answer(2, Delivery.Accepted.INSTANCE);
    threads.runAll();
    assertEquals("idle", state());
  }

  /** The hub tells of a module that connects for those endpoints that are shown, only. */
  @Test
  void aReceiverThatCameWhileNothingWaitedForItIsSeen() {
    filter.answerWith(Delivery.Accepted.INSTANCE).serving(false);
    pumps.add(filter);
    route(TO_INPUT);
    send("old");
    assertEquals("absent", state());
    route();
    purge();
    assertEquals(List.of(), dispatcher.endpoints());
    filter.serving(true);
    route(TO_INPUT);
    send("new");
    assertEquals(List.of("new"), filter.bodies());
  }

  @Test
  void aReceiverThatLacksAClassIsTriedAgain() {
    List<String> tries = new ArrayList<>();
    pumps.add(
        new Endpoint() {
          @Override
          public boolean serves(EndpointAddress address) {
            return address.equals(INPUT);
          }

          @Override
          public CompletionStage<Delivery> deliver(EndpointAddress to, RoutedMessage message) {
            tries.add(message.message().body().asText());
            if (tries.size() == 1) {
              throw new NoClassDefFoundError("of a bundle that is being replaced");
            }
            return CompletableFuture.completedFuture(Delivery.Accepted.INSTANCE);
          }
        });
    route(TO_INPUT);
    send("x");
    advance(Duration.ofSeconds(1));
    assertEquals(List.of("x", "x"), tries);
  }

  /** A disk that is busy must not make the processor busy, too. */
  @Test
  void aDeadLetterThatIsNotKeptYetIsWaitedForWithoutLooking() {
    pumps.add(filter);
    route(TO_INPUT);
    send("x");
    advance(Duration.ofSeconds(29));
    filter.answer(0, new Delivery.Rejected("never"));
    advance(Duration.ofSeconds(2));
    assertEquals(1, deadLetters.size());
    assertTrue(
        time.untilNext().orElseThrow().compareTo(Duration.ZERO) > 0, "it looks all the time");
    deadLetters.get(0).complete(1L);
    threads.runAll();
    assertEquals("idle", state());
  }

  @Test
  void aMessageThatIsTooLargeForADeadLetterIsTriedAgain() {
    tooLarge = true;
    pumps.add(filter.answerWith(new Delivery.Rejected("never")));
    route(TO_INPUT);
    send("x");
    assertEquals("backoff", state());
    filter.answerWith(Delivery.Accepted.INSTANCE);
    advance(Duration.ofSeconds(1));
    assertEquals(List.of("x", "x"), filter.bodies());
    assertEquals("idle", state());
  }
}
