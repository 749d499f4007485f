package io.gantry.hub;

import static io.gantry.hub.TestHub.THERMO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.method.MethodCall;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Direct methods as callers and clients see them. */
class MethodsTest {

  private static final MethodRequest RESET = new MethodRequest("reset", "{\"hard\":true}");
  private static final MethodResponse DONE = new MethodResponse(200, "{\"at\":1}");

  private final TestHub test = new TestHub();

  private CompletableFuture<MethodResponse> call(MethodCall call) {
    CompletableFuture<MethodResponse> answer =
        test.hub.methods().invoke(call).toCompletableFuture();
    test.threads.runAll();
    return answer;
  }

  private CompletableFuture<MethodResponse> reset(int connectSeconds) {
    return call(
        new MethodCall(THERMO, RESET, Duration.ofSeconds(30), Duration.ofSeconds(connectSeconds)));
  }

  private Client subscribe() {
    Client client = new Client();
    test.connect(client, Subscription.METHODS);
    return client;
  }

  private void advance(int seconds) {
    test.time.advance(Duration.ofSeconds(seconds));
    test.threads.runAll();
  }

  @Test
  void aCallReachesItsTargetAndTheAnswerItsCaller() {
    Client client = subscribe();
    CompletableFuture<MethodResponse> answer = reset(0);
    assertEquals(List.of(RESET), client.calls);
    assertFalse(answer.isDone());
    client.answers.get(0).complete(DONE);
    assertEquals(DONE, test.join(answer));
    assertEquals(0, test.time.waiting(), "no timer is left");
  }

  /** Modules of this JVM need not be registered to be called while they are there. */
  @Test
  void aModuleThatIsConnectedIsCalledWhetherItIsRegisteredOrNot() {
    Identity filter = new ModuleIdentity("gateway", "filter");
    Client client = new Client();
    test.connect(filter, client).subscribe(Subscription.METHODS);
    MethodCall call = new MethodCall(filter, RESET, MethodCall.RESPONSE_TIMEOUT, Duration.ZERO);
    CompletableFuture<MethodResponse> answer = call(call);
    client.answers.get(0).complete(DONE);
    assertEquals(DONE, test.join(answer));
  }

  @Test
  void whoIsNotConnectedOrHasNotSubscribedIsNotFound() {
    assertEquals(404, test.refusal(reset(0)).status());
    test.connect(THERMO, new Client());
    assertEquals(404, test.refusal(reset(0)).status());
  }

  @Test
  void nobodyWaitsForAnIdentityThatIsUnknown() {
    Identity unknown = new DeviceIdentity("unknown");
    MethodCall call =
        new MethodCall(unknown, RESET, MethodCall.RESPONSE_TIMEOUT, Duration.ofSeconds(300));
    RequestException refusal = test.refusal(call(call));
    assertEquals(404, refusal.status());
    assertTrue(refusal.getMessage().contains("no such identity"), refusal.getMessage());
  }

  /** IoT Edge lets them wait for 3 s more, for no reason that anybody knows. */
  @Test
  void callsThatWaitAreDeliveredInOrderAsSoonAsTheirTargetSubscribes() {
    CompletableFuture<MethodResponse> first = reset(10);
    MethodRequest other = new MethodRequest("other", "null");
    CompletableFuture<MethodResponse> second =
        call(new MethodCall(THERMO, other, Duration.ofSeconds(5), Duration.ofSeconds(300)));
    advance(9);
    assertFalse(first.isDone());
    Client client = subscribe();
    assertEquals(List.of(RESET, other), client.calls);
    client.answers.get(1).complete(DONE);
    assertEquals(DONE, test.join(second));
    // The time to answer begins with the delivery.
    advance(29);
    client.answers.get(0).complete(DONE);
    assertEquals(DONE, test.join(first));
  }

  @Test
  void whoDoesNotComeInTimeIsNotFound() {
    CompletableFuture<MethodResponse> answer = reset(10);
    advance(9);
    assertFalse(answer.isDone());
    advance(1);
    assertEquals(404, test.refusal(answer).status());
    assertEquals(List.of(), subscribe().calls);
  }

  @Test
  void whoDoesNotAnswerInTimeIsLateAndItsAnswerIgnored() {
    Client client = subscribe();
    CompletableFuture<MethodResponse> answer = reset(0);
    advance(29);
    assertFalse(answer.isDone());
    advance(1);
    assertEquals(504, test.refusal(answer).status());
    client.answers.get(0).complete(DONE);
    assertEquals(504, test.refusal(answer).status());
    CompletableFuture<MethodResponse> next = reset(0);
    client.answers.get(1).complete(DONE);
    assertEquals(DONE, test.join(next));
  }

  @Test
  void whoLeavesBeforeItAnswersIsNotFound() {
    Client client = new Client();
    ClientConnection connection = test.connect(client, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer = reset(300);
    connection.close();
    assertEquals(404, test.refusal(answer).status());
    assertEquals(404, test.refusal(reset(0)).status());
  }

  @Test
  void aConnectionThatIsReplacedOwesItsAnswersNoMore() {
    Client before = subscribe();
    CompletableFuture<MethodResponse> answer = reset(0);
    Client after = subscribe();
    assertEquals(404, test.refusal(answer).status());
    CompletableFuture<MethodResponse> next = reset(0);
    assertEquals(1, before.calls.size());
    after.answers.get(0).complete(DONE);
    assertEquals(DONE, test.join(next));
  }

  @Test
  void whoUnsubscribesGetsNoMoreCallsAndMayAnswerThoseItHas() {
    Client client = new Client();
    ClientConnection connection = test.connect(client, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer = reset(0);
    connection.unsubscribe(Subscription.METHODS);
    assertEquals(404, test.refusal(reset(0)).status());
    client.answers.get(0).complete(DONE);
    assertEquals(DONE, test.join(answer));
    connection.subscribe(Subscription.METHODS);
    reset(0);
    assertEquals(2, client.calls.size());
  }

  @Test
  void whatTheWayToTheTargetSaysReachesTheCaller() {
    Client client = subscribe();
    CompletableFuture<MethodResponse> answer = reset(0);
    client
        .answers
        .get(0)
        .completeExceptionally(new RequestException(400, "its status is no number"));
    assertEquals(400, test.refusal(answer).status());
    CompletableFuture<MethodResponse> broken = reset(0);
    client.answers.get(1).completeExceptionally(new IllegalStateException("expected by this test"));
    assertEquals(500, test.refusal(broken).status());
  }

  // ---- limits

  private int status(MethodRequest request, Duration response, Duration connect) {
    CompletableFuture<MethodResponse> answer =
        call(new MethodCall(THERMO, request, response, connect));
    return answer.isCompletedExceptionally() ? test.refusal(answer).status() : 0;
  }

  @ParameterizedTest
  @CsvSource({
    "5000,0,0",
    "300000,300000,0",
    "4999,0,400",
    "300001,0,400",
    "30000,-1,400",
    "30000,300001,400"
  })
  void timesHaveLimits(long response, long connect, int status) {
    subscribe();
    assertEquals(status, status(RESET, Duration.ofMillis(response), Duration.ofMillis(connect)));
  }

  @Test
  void aTimeBeyondTheLimitsIsToldInSecondsAsItIsTyped() {
    subscribe();
    MethodCall call = new MethodCall(THERMO, RESET, Duration.ofMillis(2500), Duration.ZERO);
    String refusal = test.refusal(call(call)).getMessage();
    assertTrue(refusal.endsWith("expected 5 to 300 s, found 2.5 s"), refusal);
  }

  private int status(String name, String payload) {
    return status(new MethodRequest(name, payload), Duration.ofSeconds(30), Duration.ZERO);
  }

  private static String payload(int bytes) {
    return "\"" + "x".repeat(bytes - 2) + "\"";
  }

  @Test
  void namesAndPayloadsHaveLimits() {
    subscribe();
    assertEquals(0, status("n".repeat(100), "null"));
    assertEquals(400, status("n".repeat(101), "null"));
    assertEquals(400, status("", "null"));
    for (String name : List.of("a/b", "a+", "#", "a?b", "a\u0000b")) {
      assertEquals(400, status(name, "null"), name);
    }
    assertEquals(0, status("m", payload(128 * 1024)));
    assertEquals(400, status("m", payload(128 * 1024 + 1)));
    assertEquals(400, status("m", "\"" + "\u00e4".repeat(64 * 1024) + "\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{a:1}", "1 2", "nul", "[1,]", "{\"a\"}", "]"})
  void aPayloadThatIsNoJsonIsRefused(String payload) {
    subscribe();
    assertEquals(400, status("m", payload));
  }

  @Test
  void aPayloadThatIsDeepIsRefusedAndOneThatIsNotIsTaken() {
    subscribe();
    assertEquals(400, status("m", "[".repeat(60_000) + "]".repeat(60_000)));
    assertEquals(0, status("m", "[".repeat(128) + "]".repeat(128)));
    for (String payload : List.of("null", "1", "true", "\"x\"", "[1,{\"a\":[null]},2.5]", " {} ")) {
      assertEquals(0, status("m", payload), payload);
    }
  }

  @Test
  void anAnswerThatIsNoneIsSaidToBe() {
    Client client = subscribe();
    CompletableFuture<MethodResponse> malformed = reset(0);
    client.answers.get(0).complete(new MethodResponse(200, "{"));
    assertEquals(400, test.refusal(malformed).status());
    CompletableFuture<MethodResponse> large = reset(0);
    client.answers.get(1).complete(new MethodResponse(200, payload(128 * 1024 + 1)));
    assertEquals(400, test.refusal(large).status());
  }

  @Test
  void callsUnderWayAreBoundedForEachTargetAndInAll() {
    Client client = subscribe();
    for (int i = 0; i < 32; i++) {
      assertFalse(reset(0).isDone());
    }
    assertEquals(429, test.refusal(reset(0)).status());
    client.answers.get(0).complete(DONE);
    test.threads.runAll();
    assertFalse(reset(0).isDone());
    List<CompletableFuture<MethodResponse>> waiting = new ArrayList<>();
    for (int i = 0; i < 256 - 32; i++) {
      Identity other = new DeviceIdentity("other" + i);
      test.identities.with(other, "first");
      waiting.add(
          call(new MethodCall(other, RESET, Duration.ofSeconds(5), Duration.ofSeconds(300))));
    }
    assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
    test.identities.with(new DeviceIdentity("last"), "first");
    MethodCall last =
        new MethodCall(
            new DeviceIdentity("last"), RESET, Duration.ofSeconds(5), Duration.ofSeconds(300));
    assertEquals(429, test.refusal(call(last)).status());
    advance(300);
    assertFalse(call(last).isDone(), "all have ended");
  }

  @Test
  void nobodyWaitsForAnIdentityThatWasDeletedOrWhenTheHubStops() {
    CompletableFuture<MethodResponse> deleted = reset(300);
    test.hub.forget(THERMO);
    assertEquals(404, test.refusal(deleted).status());
    CompletableFuture<MethodResponse> waiting = reset(300);
    test.hub.close();
    assertEquals(503, test.refusal(waiting).status());
    assertEquals(503, test.refusal(reset(0)).status());
  }
}
