package io.gantry.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.api.module.Twin;
import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.Subscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Twins, direct methods and cloud-to-device messages as they stand in topics. */
class DialectTest {

  private static final DeviceIdentity D1 = new DeviceIdentity("d1");
  private static final ModuleIdentity M1 = new ModuleIdentity("gateway", "m1");
  private static final String TWIN_ANSWERS = "$iothub/twin/res/#";
  private static final String DESIRED = "$iothub/twin/PATCH/properties/desired/#";
  private static final String METHODS = "$iothub/methods/POST/#";
  private static final String CLOUD = "devices/d1/messages/devicebound/#";

  private Site site;
  private RawClient client;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
    client = new RawClient(site.port()).login("d1", true);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    site.close();
  }

  private static byte[] publish(String topic, int qos, int id, String body) {
    return RawClient.publish(topic, qos, id, false, body.getBytes(StandardCharsets.UTF_8));
  }

  private int subscribe(String filter, int qos) throws IOException {
    client.send(RawClient.subscribe(9, filter, qos));
    return client.expect(RawClient.SUBACK).rest()[2];
  }

  private static String body(Packet packet) {
    byte[] rest = packet.rest();
    int qos = packet.first() >> 1 & 3;
    int start = 2 + packet.id(0) + (qos > 0 ? 2 : 0);
    return new String(rest, start, rest.length - start, StandardCharsets.UTF_8);
  }

  private static int packetId(Packet packet) {
    int at = 2 + packet.id(0);
    return packet.id(at);
  }

  private static int qos(Packet packet) {
    return packet.first() >> 1 & 3;
  }

  // --- twin

  @Test
  void theTwinComesWithItsVersionsInside() throws Exception {
    site.hub.setTwin(D1, new Twin("{\"a\":1}", 7, "{}", 1));
    assertEquals(1, subscribe(TWIN_ANSWERS, 1));
    client.send(publish("$iothub/twin/GET/?$rid=a-1", 1, 5, ""));
    assertEquals(5, client.expect(RawClient.PUBACK).id(0));
    Packet answer = client.expect(RawClient.PUBLISH);
    assertEquals("$iothub/twin/res/200/?$rid=a-1", answer.topic());
    assertEquals(
        "{\"desired\":{\"a\":1,\"$version\":7},\"reported\":{\"$version\":1}}", body(answer));
    assertEquals(1, qos(answer));
  }

  /** Azure's Node SDK subscribes and asks with QoS 0, and sends a blank as the body. */
  @Test
  void whoSubscribesWithQosNoughtGetsAnswersWithQosNought() throws Exception {
    site.hub.setTwin(D1, new Twin("{}", 1, "{}", 1));
    assertEquals(0, subscribe(TWIN_ANSWERS, 0));
    client.send(publish("$iothub/twin/GET/?$rid=1", 0, 0, " "));
    assertEquals(0, qos(client.expect(RawClient.PUBLISH)));
  }

  @Test
  void aReportIsAnsweredWithItsVersionAndAnEmptyBody() throws Exception {
    subscribe(TWIN_ANSWERS, 1);
    client.send(publish("$iothub/twin/PATCH/properties/reported/?$rid=x&$version=3", 1, 6, "{}"));
    client.expect(RawClient.PUBACK);
    Packet answer = client.expect(RawClient.PUBLISH);
    assertEquals("$iothub/twin/res/204/?$rid=x&$version=2", answer.topic());
    assertEquals("", body(answer));
    assertEquals(List.of("{}"), site.hub.reports());
  }

  @Test
  void aBadReportIsAnsweredWithStatusAndErrorCode() throws Exception {
    subscribe(TWIN_ANSWERS, 1);
    client.send(publish("$iothub/twin/PATCH/properties/reported/?$rid=x", 1, 6, "nonsense"));
    client.expect(RawClient.PUBACK);
    Packet answer = client.expect(RawClient.PUBLISH);
    assertEquals("$iothub/twin/res/400/?$rid=x", answer.topic());
    assertEquals("{\"errorCode\":400,\"message\":\"expected an object\"}", body(answer));
  }

  /** An answer that the client did not subscribe to would be against MQTT. */
  @Test
  void whoDoesNotListenGetsNoAnswer() throws Exception {
    client.send(publish("$iothub/twin/GET/?$rid=1", 1, 5, ""));
    client.expect(RawClient.PUBACK);
    client.send(RawClient.bytes(0xC0, 0));
    client.expect(RawClient.PINGRESP);
    assertEquals(1, site.drops.of(DropReason.REFUSED));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aChangeOfDesiredPropertiesCarriesItsVersionTwice(int qos) throws Exception {
    assertEquals(qos, subscribe(DESIRED, qos));
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.DESIRED_PROPERTIES);
    CompletableFuture<Delivery> told =
        session.desiredChanged(new DesiredChange("{\"a\":null}", 9)).toCompletableFuture();
    Packet change = client.expect(RawClient.PUBLISH);
    assertEquals("$iothub/twin/PATCH/properties/desired/?$version=9", change.topic());
    assertEquals("{\"a\":null,\"$version\":9}", body(change));
    if (qos == 1) {
      assertFalse(told.isDone());
      client.send(RawClient.ack(0x40, packetId(change)));
    }
    assertEquals(Delivery.Accepted.INSTANCE, told.get(60, TimeUnit.SECONDS));
  }

  // --- direct methods

  @Test
  void aMethodIsCalledAndAnswered() throws Exception {
    subscribe(METHODS, 1);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer =
        session.invoke(new MethodRequest("re set", "{\"x\":1}")).toCompletableFuture();
    Packet call = client.expect(RawClient.PUBLISH);
    assertTrue(call.topic().startsWith("$iothub/methods/POST/re%20set/?$rid="), call.topic());
    assertEquals("{\"x\":1}", body(call));
    client.send(RawClient.ack(0x40, packetId(call)));
    String id = call.topic().substring(call.topic().indexOf("$rid=") + 5);
    client.send(publish("$iothub/methods/res/201/?$rid=" + id, 1, 3, "[true]"));
    client.expect(RawClient.PUBACK);
    assertEquals(new MethodResponse(201, "[true]"), answer.get(60, TimeUnit.SECONDS));
    // A second answer is nobody's, and does no harm.
    client.send(publish("$iothub/methods/res/500/?$rid=" + id, 1, 4, ""));
    client.expect(RawClient.PUBACK);
  }

  @ParameterizedTest
  @CsvSource({"200, '', 200, null", "'', {}, 200, {}"})
  void whatAnAnswerLeavesOutHasADefault(String status, String body, int found, String payload)
      throws Exception {
    subscribe(METHODS, 0);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer =
        session.invoke(new MethodRequest("m", "null")).toCompletableFuture();
    Packet call = client.expect(RawClient.PUBLISH);
    String id = call.topic().substring(call.topic().indexOf("$rid=") + 5);
    client.send(publish("$iothub/methods/res/" + status + "/?$rid=" + id, 0, 0, body));
    assertEquals(new MethodResponse(found, payload), answer.get(60, TimeUnit.SECONDS));
  }

  @Test
  void anAnswerWithoutANumberForAStatusIsAnError() throws Exception {
    subscribe(METHODS, 0);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer =
        session.invoke(new MethodRequest("m", "null")).toCompletableFuture();
    Packet call = client.expect(RawClient.PUBLISH);
    String id = call.topic().substring(call.topic().indexOf("$rid=") + 5);
    client.send(publish("$iothub/methods/res/fine/?$rid=" + id, 0, 0, ""));
    assertEquals(400, status(answer));
  }

  private static int status(CompletableFuture<?> failed) {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> failed.get(60, TimeUnit.SECONDS));
    return ((RequestException) failure.getCause()).status();
  }

  @Test
  void aCallEndsWithTheConnection() throws Exception {
    subscribe(METHODS, 1);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.METHODS);
    CompletableFuture<MethodResponse> answer =
        session.invoke(new MethodRequest("m", "null")).toCompletableFuture();
    client.expect(RawClient.PUBLISH);
    client.close();
    assertEquals(404, status(answer));
    assertEquals(404, status(session.invoke(new MethodRequest("m", "null")).toCompletableFuture()));
  }

  // --- cloud-to-device messages

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aCloudMessageIsAcceptedWhenItIsAcknowledged(int asked) throws Exception {
    int granted = subscribe(CLOUD, asked);
    assertEquals(Math.min(1, asked), granted);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.CLOUD_MESSAGES);
    Message message =
        Message.of(Payload.ofText("hello"))
            .withSystemProperty(SystemProperty.TO, "/devices/d1/messages/deviceBound")
            .withSystemProperty(SystemProperty.MESSAGE_ID, "m 1")
            .withProperty("k", "v&");
    CompletableFuture<Delivery> delivery = session.deliverFromCloud(message).toCompletableFuture();
    Packet received = client.expect(RawClient.PUBLISH);
    assertEquals(
        "devices/d1/messages/devicebound/%24.mid=m%201"
            + "&%24.to=%2Fdevices%2Fd1%2Fmessages%2FdeviceBound&k=v%26",
        received.topic());
    assertEquals("hello", body(received));
    if (granted == 1) {
      assertFalse(delivery.isDone());
      client.send(RawClient.ack(0x40, packetId(received)));
    }
    assertEquals(Delivery.Accepted.INSTANCE, delivery.get(60, TimeUnit.SECONDS));
  }

  /** The Java SDK asks for them as a module, too; there never are any. */
  @Test
  void aModuleMayAskForCloudMessages() throws Exception {
    try (RawClient module = new RawClient(site.port()).login("gateway/m1", true)) {
      module.send(RawClient.subscribe(1, "devices/gateway/modules/m1/messages/devicebound/#", 1));
      assertEquals(1, module.expect(RawClient.SUBACK).rest()[2]);
      assertEquals(
          Delivery.Absent.INSTANCE,
          site.hub
              .awaitConnected(M1)
              .deliver("in1", Message.of(Payload.EMPTY))
              .toCompletableFuture()
              .get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void unsubscribingEndsWhatIsSent() throws Exception {
    subscribe(METHODS, 1);
    ClientSession session = site.hub.awaitSubscription(D1, Subscription.METHODS);
    client.send(RawClient.packet(0xA2, RawClient.bytes(0, 7), RawClient.text(METHODS)));
    client.expect(11);
    assertEquals(404, status(session.invoke(new MethodRequest("m", "null")).toCompletableFuture()));
  }

  /** Filters of the hub may be many different texts; a session holds a few. */
  @Test
  void thereAreOnlySoManySubscriptionsToTheHub() throws Exception {
    int refused = 0;
    for (int i = 0; i < 100; i++) {
      refused += (subscribe("$iothub/methods/POST/" + i, 1) & 0x80) == 0 ? 0 : 1;
    }
    assertEquals(68, refused);
  }
}
