package io.gantry.module.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModuleConnectionTest {

  private static final String CONNECTS = "gateway/filter";
  private static final String DESIRED = "+DESIRED_PROPERTIES";
  private static final String METHODS = "+METHODS";
  private static final DesiredChange CHANGE = new DesiredChange("{}", 2);

  private final FakeHub hub = new FakeHub();
  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private @Nullable FakeHub present = hub;
  private final ModuleConnections connections =
      new ModuleConnections(() -> present, threads, time, time);
  private final ModuleConnections.Use use = connections.use("filter");
  private final ModuleConnection connection = use.connection();

  private void listen() {
    connection.listen(change -> CompletableFuture.completedFuture(Delivery.Accepted.INSTANCE));
    threads.runAll();
  }

  private void answer() {
    connection.answer(
        request -> CompletableFuture.completedFuture(new MethodResponse(200, request.payload())));
    threads.runAll();
  }

  private void advance(Duration duration) {
    time.advance(duration);
    threads.runAll();
  }

  private void come(FakeHub another) {
    present = another;
    connections.hubCame();
    threads.runAll();
  }

  @Test
  void whoOnlyListensIsConnectedWithTheSubscriptionsItNeeds() {
    listen();
    assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents());
    answer();
    assertEquals(List.of(METHODS), hub.newEvents());
  }

  @Test
  void whoWantsToHearNothingIsNotConnectedUntilItSpeaks() throws Exception {
    come(hub);
    advance(Duration.ofMinutes(5));
    assertEquals(List.of(), hub.newEvents());
    connection.open();
    threads.runAll();
    assertEquals(List.of(CONNECTS), hub.newEvents());
    hub.end(CloseReason.SHUTDOWN);
    advance(Duration.ofMinutes(5));
    assertEquals(List.of(), hub.newEvents());
  }

  @Test
  void aHubThatComesLaterIsConnectedToAtOnce() {
    present = null;
    listen();
    answer();
    assertEquals(0, time.waiting(), "without a hub there is nothing to try");
    come(hub);
    assertEquals(List.of(CONNECTS, METHODS, DESIRED), hub.newEvents());
    come(hub);
    assertEquals(List.of(), hub.newEvents());
  }

  /** Direct methods work over the connection that the first message has opened, too. */
  @Test
  void aConnectionThatAMessageOpensGetsTheSubscriptions() throws Exception {
    hub.refusal = new ConnectionRefusedException("not yet", true);
    listen();
    assertEquals(List.of("refused"), hub.newEvents());
    hub.refusal = null;
    connection.open();
    threads.runAll();
    assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents());
  }

  @Test
  void aRefusalIsFollowedByTriesFurtherAndFurtherApart() {
    hub.refusal = new ConnectionRefusedException("not yet", true);
    listen();
    assertEquals(List.of("refused"), hub.newEvents());
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertEquals(List.of(), hub.newEvents(), "too early after " + seconds);
      advance(Duration.ofMillis(1));
      assertEquals(List.of("refused"), hub.newEvents(), "after " + seconds);
    }
    hub.refusal = null;
    advance(Duration.ofSeconds(30));
    assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents());
  }

  /** A disabled identity may be enabled again: no module has to be restarted for it. */
  @Test
  void alsoARefusalForGoodIsTriedAgain() {
    hub.refusal = new ConnectionRefusedException("disabled", false);
    listen();
    hub.newEvents();
    hub.refusal = null;
    advance(Duration.ofSeconds(1));
    assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents());
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatStoodForLongIsOpenedAgainAtOnce(CloseReason reason) {
    listen();
    answer();
    advance(Duration.ofMinutes(2));
    hub.newEvents();
    hub.end(reason);
    threads.runAll();
    assertEquals(List.of(CONNECTS, METHODS, DESIRED), hub.newEvents());
  }

  /** Two that speak as the same module would push each other out as fast as they can. */
  @Test
  void aConnectionThatIsReplacedAgainAndAgainIsOpenedMoreAndMoreSlowly() {
    listen();
    hub.newEvents();
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30}) {
      hub.end(CloseReason.REPLACED);
      advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertEquals(List.of(), hub.newEvents(), "too early after " + seconds);
      advance(Duration.ofMillis(1));
      assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents(), "after " + seconds);
    }
    advance(Duration.ofMinutes(2));
    hub.end(CloseReason.REPLACED);
    threads.runAll();
    hub.end(CloseReason.REPLACED);
    advance(Duration.ofSeconds(1));
    assertEquals(
        List.of(CONNECTS, DESIRED, CONNECTS, DESIRED), hub.newEvents(), "from the beginning");
  }

  /** Also the tasks that the try itself leaves must not try again at once. */
  @Test
  void aConnectionThatEndsWhileItIsOpenedIsNotOpenedAgainAtOnce() {
    hub.connecting = session -> session.close(CloseReason.REPLACED);
    listen();
    assertEquals(CONNECTS, hub.events.get(0));
    assertEquals(1, hub.newEvents().stream().filter(CONNECTS::equals).count());
    hub.connecting = session -> {};
    advance(Duration.ofSeconds(1));
    assertEquals(List.of(CONNECTS, DESIRED), hub.newEvents());
  }

  @Test
  void aConnectionThatNobodyNeedsAnyMoreWhenItIsOpenIsClosed() throws Exception {
    hub.connecting = session -> use.close();
    connection.open();
    threads.runAll();
    assertEquals(List.of(CONNECTS, "closed"), hub.newEvents());
  }

  @Test
  void closingClosesAllConnections() {
    listen();
    hub.newEvents();
    connections.close();
    assertEquals(List.of("closed"), hub.newEvents());
    assertEquals(0, time.waiting());
    connection.listen(change -> new CompletableFuture<>());
    use.close();
    come(hub);
    assertEquals(List.of(), hub.newEvents());
  }

  @Test
  void aHubThatRestartsIsWaitedForWithoutTrying() {
    listen();
    hub.newEvents();
    present = null;
    hub.end(CloseReason.SHUTDOWN);
    advance(Duration.ofHours(1));
    assertEquals(0, time.waiting());
    FakeHub restarted = new FakeHub();
    come(restarted);
    assertEquals(List.of(CONNECTS, DESIRED), restarted.newEvents());
    assertEquals(List.of(), hub.newEvents());
  }

  /** Its last word may have been lost, or come later. */
  @Test
  void theConnectionToAHubThatIsNoLongerThereIsNotUsed() throws Exception {
    listen();
    hub.newEvents();
    FakeHub another = new FakeHub();
    come(another);
    assertEquals(List.of(CONNECTS, DESIRED), another.newEvents());
    assertEquals(List.of("closed"), hub.newEvents());
    hub.end(CloseReason.SHUTDOWN);
    advance(Duration.ofMinutes(5));
    assertEquals(List.of(), another.newEvents());
  }

  @Test
  void whoListensNoMoreIsUnsubscribedAndStaysConnectedForWhatItSends() {
    listen();
    answer();
    hub.newEvents();
    connection.listen(null);
    threads.runAll();
    assertEquals(List.of("-DESIRED_PROPERTIES"), hub.newEvents());
    connection.answer(null);
    threads.runAll();
    assertEquals(List.of("-METHODS"), hub.newEvents());
  }

  /** What was not accepted comes again with a new subscription, see ClientSession. */
  @Test
  void whoListensAnewIsSubscribedAnew() {
    listen();
    answer();
    hub.newEvents();
    listen();
    assertEquals(List.of("-DESIRED_PROPERTIES", DESIRED), hub.newEvents());
    connection.listen(null);
    connection.listen(change -> new CompletableFuture<>());
    threads.runAll();
    assertEquals(List.of("-DESIRED_PROPERTIES", DESIRED), hub.newEvents());
  }

  @Test
  void whatTheHubSaysReachesWhoListensAndNobodyElse() {
    List<DesiredChange> changes = new ArrayList<>();
    connection.listen(
        change -> {
          changes.add(change);
          return CompletableFuture.completedFuture(Delivery.Accepted.INSTANCE);
        });
    answer();
    assertEquals(Delivery.Accepted.INSTANCE, join(hub.session().desiredChanged(CHANGE)));
    assertEquals(List.of(CHANGE), changes);
    assertEquals(
        new MethodResponse(200, "1"), join(hub.session().invoke(new MethodRequest("m", "1"))));
    connection.listen(null);
    connection.answer(null);
    assertEquals(Delivery.Absent.INSTANCE, join(hub.session().desiredChanged(CHANGE)));
    CompletionException failure =
        assertThrows(
            CompletionException.class,
            () -> join(hub.session().invoke(new MethodRequest("m", "1"))));
    assertEquals(404, assertInstanceOf(RequestException.class, failure.getCause()).status());
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Test
  void whenTheLastUserHasDoneTheConnectionIsClosedAndNothingIsTriedAnyMore() {
    listen();
    hub.newEvents();
    hub.end(CloseReason.REPLACED);
    threads.runAll();
    assertEquals(1, time.waiting());
    use.close();
    threads.runAll();
    assertEquals(0, time.waiting());
    come(hub);
    advance(Duration.ofMinutes(5));
    assertEquals(List.of(), hub.newEvents());
    ConnectionRefusedException refusal =
        assertThrows(ConnectionRefusedException.class, connection::open);
    assertTrue(refusal.temporary());
    assertEquals(List.of(), hub.newEvents());
  }
}
