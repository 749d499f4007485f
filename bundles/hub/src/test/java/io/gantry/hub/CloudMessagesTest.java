package io.gantry.hub;

import static io.gantry.hub.TestHub.THERMO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress.Device;
import io.gantry.spi.routing.EndpointAddress.ModuleInput;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.DeviceMessages;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.SendResult.Reason;
import io.gantry.spi.session.Subscription;
import io.gantry.spi.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages of the back end to devices. */
class CloudMessagesTest {

  private static final Device ADDRESS = new Device("thermo1");
  private static final Subscription CLOUD = Subscription.CLOUD_MESSAGES;

  private final TestHub test = new TestHub();

  private static Message hello() {
    return Message.of(Payload.ofText("hello"));
  }

  private CompletableFuture<SendResult> send(Message message) {
    return send(message, Optional.empty());
  }

  private CompletableFuture<SendResult> send(Message message, Optional<Instant> expiry) {
    return test.hub.cloud().send("thermo1", message, expiry).toCompletableFuture();
  }

  private static SendResult.Rejected rejected(CompletableFuture<SendResult> result) {
    assertTrue(result.isDone());
    return (SendResult.Rejected) result.join();
  }

  // ---- sending

  @Test
  void theHubWritesOnAMessageWhereItGoesAndWhenItCame() {
    Message message =
        hello()
            .withProperty("a", "b")
            .withSystemProperty(SystemProperty.CORRELATION_ID, "c")
            .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "forged")
            .withSystemProperty(SystemProperty.DELIVERY_COUNT, "7");
    assertEquals(SendResult.Accepted.INSTANCE, send(message).join());
    RoutedMessage sent = test.router.sent.get(0);
    assertEquals(Map.of("a", "b"), sent.message().properties());
    assertEquals("hello", sent.message().body().asText());
    Map<String, String> system = sent.message().systemProperties();
    assertEquals("/devices/thermo1/messages/deviceBound", system.get(SystemProperty.TO));
    assertEquals("c", system.get(SystemProperty.CORRELATION_ID));
    assertEquals(test.time.instant().toString(), system.get(SystemProperty.ENQUEUED_TIME));
    assertEquals(36, system.get(SystemProperty.MESSAGE_ID).length());
    assertEquals(4, system.size(), system.toString());
    assertEquals(test.time.instant(), sent.enqueuedTime());
    send(hello().withSystemProperty(SystemProperty.MESSAGE_ID, "mine")).join();
    assertEquals(
        Optional.of("mine"),
        test.router.sent.get(1).message().systemProperty(SystemProperty.MESSAGE_ID));
  }

  @Test
  void aMessageLivesAsLongAsTheCallerOrItselfSaysOrAnHour() {
    Instant now = test.time.instant();
    Instant later = now.plusSeconds(100);
    Message says = hello().withSystemProperty(SystemProperty.EXPIRY_TIME, later.toString());
    send(hello()).join();
    send(says).join();
    send(says, Optional.of(now.plusMillis(1))).join();
    send(hello().withSystemProperty(SystemProperty.EXPIRY_TIME, "2026-01-01T03:00:00+02:00"))
        .join();
    assertEquals(
        List.of(
            now.getEpochSecond() + 3600,
            now.getEpochSecond() + 100,
            now.getEpochSecond() + 1,
            now.getEpochSecond() + 3600),
        test.router.expiries);
    assertEquals(
        Optional.of(now.plusMillis(1).toString()),
        test.router.sent.get(2).message().systemProperty(SystemProperty.EXPIRY_TIME));
  }

  @ParameterizedTest
  @CsvSource({"2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z", "tomorrow", "''"})
  void aMessageThatIsOldAlreadyOrSaysNonsenseIsRefused(String expiry) {
    Message message = hello().withSystemProperty(SystemProperty.EXPIRY_TIME, expiry);
    assertEquals(Reason.INVALID, rejected(send(message)).reason());
    assertEquals(List.of(), test.router.sent);
  }

  @Test
  void onlyDevicesThatAreKnownGetMessages() {
    for (String device : List.of("unknown", "a/b", "", "gateway/filter")) {
      CompletableFuture<SendResult> result =
          test.hub.cloud().send(device, hello(), Optional.empty()).toCompletableFuture();
      assertEquals(Reason.INVALID, rejected(result).reason(), device);
    }
    assertEquals(List.of(), test.router.sent);
  }

  @Test
  void theSizeLimitCountsPropertiesAndIsExact() {
    Message fits =
        Message.of(Payload.wrap(new byte[DeviceMessages.MAX_SIZE - 2])).withProperty("a", "b");
    assertEquals(SendResult.Accepted.INSTANCE, send(fits).join());
    assertEquals(Reason.TOO_LARGE, rejected(send(fits.withProperty("a", "bc"))).reason());
  }

  @Test
  void anIdMayHave128Characters() {
    Message fits = hello().withSystemProperty(SystemProperty.MESSAGE_ID, "x".repeat(128));
    assertEquals(SendResult.Accepted.INSTANCE, send(fits).join());
    Message over = hello().withSystemProperty(SystemProperty.MESSAGE_ID, "x".repeat(129));
    assertEquals(Reason.INVALID, rejected(send(over)).reason());
  }

  /** Also of those that are sent at the same time. */
  @Test
  void atMostFiftyWaitForADevice() {
    for (int i = 0; i < 20; i++) {
      send(hello()).join();
    }
    test.store.hold();
    List<CompletableFuture<SendResult>> results = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      results.add(send(hello()));
    }
    SendResult.Rejected over = rejected(send(hello()));
    assertEquals(Reason.INVALID, over.reason());
    assertTrue(over.text().contains("50 messages wait"), over.text());
    test.store.release();
    results.forEach(result -> assertEquals(SendResult.Accepted.INSTANCE, result.join()));
    assertEquals(Reason.INVALID, rejected(send(hello())).reason());
    test.store.queue(ADDRESS.id()).commit(0);
    assertEquals(SendResult.Accepted.INSTANCE, send(hello()).join());
  }

  @Test
  void nothingIsAcceptedBeforeTheStoreHasItAndARefusalTakesNoPlace() {
    test.store.hold();
    CompletableFuture<SendResult> result = send(hello());
    assertFalse(result.isDone());
    test.store.release();
    assertEquals(SendResult.Accepted.INSTANCE, result.join());
    test.store.refuse(StoreException.Kind.FULL);
    for (int i = 0; i < 60; i++) {
      assertEquals(Reason.STORE_FULL, rejected(send(hello())).reason());
    }
  }

  @Test
  void whatWaitsForADeletedDeviceGoes() {
    test.hub.forget(THERMO);
    test.hub.forget(new ModuleIdentity("gateway", "filter"));
    assertEquals(List.of(ADDRESS.id()), test.router.purged);
  }

  // ---- receiving

  private RoutedMessage routed() {
    return new RoutedMessage("to", THERMO, test.time.instant(), hello());
  }

  @Test
  void aDeviceIsServedWhileItWantsMessages() {
    Client client = new Client();
    ClientConnection connection = test.connect(THERMO, client);
    assertFalse(test.hub.endpoint().serves(ADDRESS));
    connection.subscribe(CLOUD);
    connection.subscribe(CLOUD);
    assertTrue(test.hub.endpoint().serves(ADDRESS));
    assertEquals(List.of(ADDRESS), test.router.resumed);
    assertFalse(test.hub.endpoint().serves(new Device("other")));
    connection.unsubscribe(CLOUD);
    assertFalse(test.hub.endpoint().serves(ADDRESS));
    connection.subscribe(CLOUD);
    assertEquals(List.of(ADDRESS, ADDRESS), test.router.resumed);
    connection.close();
    assertFalse(test.hub.endpoint().serves(ADDRESS));
  }

  @Test
  void onlyDevicesSubscribe() {
    Identity filter = new ModuleIdentity("gateway", "filter");
    ClientConnection module = test.connect(filter, new Client());
    assertThrows(IllegalStateException.class, () -> module.subscribe(CLOUD));
    assertEquals(List.of(), test.router.resumed);
    assertFalse(test.hub.endpoint().serves(new ModuleInput("filter", "in")));
  }

  @Test
  void aDeviceGetsOneMessageAfterTheOtherEachByOneConnection() {
    Client before = new Client();
    test.connect(before, CLOUD);
    Endpoint receiver = test.hub.endpoint().receiver(ADDRESS);
    assertEquals(1, receiver.window(ADDRESS));
    assertEquals(receiver, test.hub.endpoint().receiver(ADDRESS));
    CompletableFuture<Delivery> delivery =
        receiver.deliver(ADDRESS, routed()).toCompletableFuture();
    assertEquals(List.of(hello()), before.messages);
    assertFalse(delivery.isDone());
    before.deliveries.get(0).complete(Delivery.Accepted.INSTANCE);
    assertEquals(Delivery.Accepted.INSTANCE, delivery.join());
    test.connect(new Client(), CLOUD);
    assertNotEquals(receiver, test.hub.endpoint().receiver(ADDRESS));
  }

  /**
   * Ten of these make a dead letter, as with IoT Hub; what never left the gateway does not count.
   */
  @Test
  void whatADeviceTookAndDidNotAcknowledgeCountsAsADelivery() {
    Client client = new Client();
    ClientConnection connection = test.connect(client, CLOUD);
    Endpoint receiver = test.hub.endpoint().receiver(ADDRESS);
    CompletableFuture<Delivery> taken = receiver.deliver(ADDRESS, routed()).toCompletableFuture();
    connection.close();
    client.deliveries.get(0).complete(Delivery.Absent.INSTANCE);
    assertTrue(taken.join() instanceof Delivery.Retry);
    assertEquals(
        Delivery.Absent.INSTANCE, receiver.deliver(ADDRESS, routed()).toCompletableFuture().join());
    assertEquals(1, client.messages.size());
  }
}
