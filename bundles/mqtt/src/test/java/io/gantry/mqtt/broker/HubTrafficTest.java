package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.testkit.session.FakeGateway.Sent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubTrafficTest {

  private static final String EVENTS = "devices/d1/messages/events/";
  private static final ModuleIdentity FILTER = new ModuleIdentity("gateway", "filter");

  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
  }

  @AfterEach
  void close() {
    site.close();
  }

  private RawClient client(String id) throws IOException {
    return new RawClient(site.port()).login(id, true);
  }

  private static byte[] telemetry(int id, String bag) {
    return RawClient.publish(EVENTS + bag, 1, id, false, "body".getBytes(UTF_8));
  }

  @Test
  void aMessageIsAcknowledgedOnlyWhenTheHubHasStoredIt() throws Exception {
    site.hub.hold(true);
    try (RawClient device = client("d1")) {
      device.send(telemetry(7, "level=high&%24.mid=m1"), RawClient.bytes(0xC0, 0));
      // The answer to the ping overtakes the acknowledgement: the server had both packets.
      device.expect(RawClient.PINGRESP);
      Sent sent = site.hub.awaitSent(1).get(0);
      assertEquals(new DeviceIdentity("d1"), sent.from());
      assertEquals("body", sent.message().body().asText());
      assertEquals(Map.of("level", "high"), sent.message().properties());
      assertEquals("m1", sent.message().systemProperty(SystemProperty.MESSAGE_ID).orElseThrow());
      sent.accept();
      assertEquals(7, device.expect(RawClient.PUBACK).id(0));
    }
  }

  @Test
  void acknowledgementsComeInTheOrderOfTheMessages() throws Exception {
    site.hub.hold(true);
    try (RawClient device = client("d1")) {
      for (int i = 1; i <= 100; i++) {
        device.send(telemetry(i, ""));
      }
      List<Sent> sent = new ArrayList<>(site.hub.awaitSent(100));
      java.util.Collections.shuffle(sent, new java.util.Random(1));
      sent.forEach(Sent::accept);
      for (int i = 1; i <= 100; i++) {
        assertEquals(i, device.expect(RawClient.PUBACK).id(0));
      }
    }
  }

  /** Otherwise a fast device would fill the memory of a gateway whose disk is slow. */
  @Test
  void aDeviceIsNotReadWhileTooMuchOfItWaitsForTheStore() throws Exception {
    site.hub.hold(true);
    try (RawClient device = client("d1")) {
      Thread writer =
          new Thread(
              () -> {
                for (int i = 1; i <= 3000; i++) {
                  try {
                    device.send(telemetry(i, ""));
                  } catch (IOException closed) {
                    return;
                  }
                }
              });
      writer.start();
      assertEquals(512, site.hub.awaitSent(512).size());
      int acknowledged = 0;
      Set<Sent> done = new HashSet<>();
      while (acknowledged < 3000) {
        List<Sent> sent = site.hub.sent();
        int waiting = sent.size() - done.size();
        assertTrue(waiting <= 512, "waiting for the store: " + waiting);
        sent.stream().filter(done::add).forEach(Sent::accept);
        if (done.size() > acknowledged) {
          assertEquals(++acknowledged, device.expect(RawClient.PUBACK).id(0));
        }
      }
      writer.join(10_000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"STORE_FULL", "STORE_BROKEN", "INVALID", "TOO_LARGE", "CLOSED"})
  void whatTheHubRefusesIsNotAcknowledgedAndClosesTheConnection(SendResult.Reason reason)
      throws Exception {
    site.hub.hold(true);
    try (RawClient device = client("d1")) {
      device.send(telemetry(1, ""), telemetry(2, ""));
      List<Sent> sent = site.hub.awaitSent(2);
      sent.get(0).accept();
      sent.get(1).reject(reason);
      assertEquals(1, device.expect(RawClient.PUBACK).id(0));
      assertThrows(IOException.class, device::read);
      site.hub.awaitGone(new DeviceIdentity("d1"));
    }
    assertEquals(reason == SendResult.Reason.INVALID ? 1 : 0, site.drops.of(DropReason.REFUSED));
  }

  @ParameterizedTest
  @CsvSource({
    "devices/d2/messages/events/,             1, REFUSED",
    "devices/d1/modules/m/messages/events/,   1, REFUSED",
    "devices/d1/messages/events/,             2, REFUSED",
    "devices/d1/messages/events/a=1&a=2,      1, REFUSED",
    "devices/d1/messages/other,               1, UNKNOWN_TOPIC",
    "devices/d1,                              0, UNKNOWN_TOPIC",
    "$iothub/twin/GET/,                       0, UNKNOWN_TOPIC",
    "$iothub/twin/POST/?$rid=1,               1, UNKNOWN_TOPIC",
    "$iothub/methods/res/200?$rid=1,          1, UNKNOWN_TOPIC",
    "$iothub/twin/GET/?$rid=1,                2, REFUSED",
    "$SYS/broker,                             1, UNKNOWN_TOPIC",
  })
  void nothingIsAcknowledgedAndThrownAway(String topic, int qos, DropReason reason)
      throws Exception {
    try (RawClient device = client("d1")) {
      device.send(RawClient.publish(topic, qos, 1, false, new byte[0]));
      assertThrows(IOException.class, device::read);
    }
    assertEquals(Map.of(reason, 1L), site.drops.counts());
    assertEquals(List.of(), site.hub.sent());
  }

  @ParameterizedTest
  @CsvSource({
    "devices/gateway/modules/other/inputs/#, REFUSED",
    "devices/gateway/messages/devicebound/#, REFUSED",
    "devices/#,                              UNKNOWN_TOPIC",
    "$iothub/methods/GET/#,                  UNKNOWN_TOPIC",
    "$share/group/a,                         UNKNOWN_TOPIC",
    "$share,                                 UNKNOWN_TOPIC",
  })
  void subscriptionsThatNobodyServesCloseTheConnection(String filter, DropReason reason)
      throws Exception {
    try (RawClient module = client("gateway/filter")) {
      module.send(RawClient.subscribe(1, filter, 1));
      assertThrows(IOException.class, module::read);
    }
    assertEquals(Map.of(reason, 1L), site.drops.counts());
  }

  @Test
  void theOutputOfAModuleAndTheFlagsOfMqttReachTheHub() throws Exception {
    try (RawClient module = client("gateway/filter")) {
      module.send(
          RawClient.packet(
              0x31,
              RawClient.text(
                  "devices/gateway/modules/filter/messages/events/%24.on=out1&%24.mid=1/")),
          RawClient.packet(
              0x3A,
              RawClient.text("devices/gateway/modules/filter/messages/events"),
              RawClient.bytes(0, 5)));
      assertEquals(5, module.expect(RawClient.PUBACK).id(0));
      List<Sent> sent = site.hub.awaitSent(2);
      assertEquals(Optional.of("out1"), sent.get(0).output());
      assertEquals(Map.of("mqtt-retain", "true"), sent.get(0).message().properties());
      assertEquals(Map.of("messageId", "1"), sent.get(0).message().systemProperties());
      assertEquals(Optional.empty(), sent.get(1).output());
      assertEquals(Map.of("mqtt-dup", "true"), sent.get(1).message().properties());
    }
  }

  @Test
  void aModuleGetsTheMessagesOfItsInputsAndAcknowledgesThem() throws Exception {
    try (RawClient module = client("gateway/filter")) {
      module.send(RawClient.subscribe(1, "devices/gateway/modules/filter/inputs/#", 2));
      Packet granted = module.expect(RawClient.SUBACK);
      assertArrayEquals(RawClient.bytes(0, 1, 1), granted.rest());
      ClientSession session = site.hub.awaitInputs(FILTER);
      Message message =
          Message.of(Payload.ofText("x"))
              .withProperty("name", "a b")
              .withProperty("empty", "")
              .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "d1");
      CompletableFuture<Delivery> answer = session.deliver("in1", message).toCompletableFuture();
      Packet delivered = module.expect(RawClient.PUBLISH);
      assertEquals(
          "devices/gateway/modules/filter/inputs/in1/%24.cdid=d1&name=a%20b", delivered.topic());
      assertEquals(0x32, delivered.first());
      assertFalse(answer.isDone());
      module.send(RawClient.ack(0x40, delivered.publishId()));
      assertEquals(Delivery.Accepted.INSTANCE, answer.get(60, TimeUnit.SECONDS));

      CompletableFuture<Delivery> unanswered =
          session.deliver("in1", message).toCompletableFuture();
      module.expect(RawClient.PUBLISH);
      module.close();
      assertEquals(Delivery.Absent.INSTANCE, unanswered.get(60, TimeUnit.SECONDS));
      assertEquals(
          Delivery.Absent.INSTANCE,
          session.deliver("in1", message).toCompletableFuture().get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void oneSubscribeMayMixTheHubAndFreeTopics() throws Exception {
    try (RawClient module = client("gateway/filter")) {
      module.send(
          RawClient.packet(
              0x82,
              RawClient.bytes(0, 9),
              RawClient.text("free/a"),
              RawClient.bytes(2),
              RawClient.text("devices/gateway/modules/filter/#"),
              RawClient.bytes(2),
              RawClient.text("bad#"),
              RawClient.bytes(1),
              RawClient.text("free/b"),
              RawClient.bytes(0)));
      assertArrayEquals(
          RawClient.bytes(0, 9, 2, 1, 0x80, 0), module.expect(RawClient.SUBACK).rest());
      site.hub.awaitInputs(FILTER);
      module.send(RawClient.publish("free/b", 0, 0, false, new byte[0]));
      assertEquals("free/b", module.expect(RawClient.PUBLISH).topic());
      module.send(
          RawClient.packet(
              0xA2,
              RawClient.bytes(0, 10),
              RawClient.text("devices/gateway/modules/filter/#"),
              RawClient.text("free/b")));
      Packet unsubscribed = module.read();
      assertEquals(0xB0, unsubscribed.first());
      assertEquals(10, unsubscribed.id(0));
      site.hub.awaitNoInputs(FILTER);
    }
  }

  /** Both count packet ids on one connection, and an unanswered one must not be used again. */
  @Test
  void theHubAndTheFreeTopicsNeverUseOnePacketIdTwice() throws Exception {
    try (RawClient module = client("gateway/filter");
        MqttClient writer = site.connect("writer")) {
      module.send(
          RawClient.subscribe(1, "devices/gateway/modules/filter/inputs/#", 1),
          RawClient.subscribe(2, "free", 1));
      module.expect(RawClient.SUBACK);
      module.expect(RawClient.SUBACK);
      ClientSession session = site.hub.awaitInputs(FILTER);
      Message message = Message.of(Payload.ofText("x"));
      Set<Integer> unanswered = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        session.deliver("in1", message);
        assertTrue(unanswered.add(module.expect(RawClient.PUBLISH).publishId()));
        writer.publish("free", new byte[0], 1, false);
        if (i < 4) {
          assertTrue(unanswered.add(module.expect(RawClient.PUBLISH).publishId()));
        } else {
          module.send(RawClient.ack(0x40, unique(module, unanswered)));
        }
      }
      // Once round the whole range of ids, past those that are never answered.
      for (int i = 0; i < 140; i++) {
        for (int j = 0; j < 500; j++) {
          session.deliver("in1", message);
        }
        for (int j = 0; j < 500; j++) {
          module.send(RawClient.ack(0x40, unique(module, unanswered)));
        }
      }
      writer.publish("free", new byte[0], 1, false);
      module.send(RawClient.ack(0x40, unique(module, unanswered)));
      writer.disconnect();
    }
  }

  private static int unique(RawClient module, Set<Integer> unanswered) throws IOException {
    int id = module.expect(RawClient.PUBLISH).publishId();
    assertFalse(unanswered.contains(id), "packet id " + id + " is in use");
    return id;
  }

  @Test
  void aWillOnATelemetryTopicBecomesTelemetry() throws Exception {
    MqttConnectOptions options = Site.options(true);
    options.setWill(EVENTS + "cause=power", "bye".getBytes(UTF_8), 1, false);
    MqttClient dying = site.connect("d1", options);
    dying.disconnectForcibly(0, 1, false);
    Message will = site.hub.awaitSent(1).get(0).message();
    assertEquals(Map.of("cause", "power", "MessageType", "Will"), will.properties());
    assertEquals("bye", will.body().asText());
    dying.close();
  }

  @Test
  void aClientOfIotHubIsToldToComeAgainWhileTheHubIsNotReady() throws Exception {
    MqttConnectOptions options = Site.options(false);
    options.setUserName("hub.example/d1/?api-version=2021-04-12&DeviceClientType=x");
    site.hub.refuse(new ConnectionRefusedException("no deployment yet", true));
    assertEquals(3, refusal("d1", options));
    site.hub.refuse(null);
    site.server.unsetGateway(site.hub);
    assertEquals(3, refusal("d1", options));
    site.server.setGateway(site.hub);
    site.connect("d1", options).disconnect();
    assertEquals(5, refusal("d2", options));
  }

  private int refusal(String clientId, MqttConnectOptions options) {
    return assertThrows(MqttException.class, () -> site.connect(clientId, options)).getReasonCode();
  }

  @Test
  void aClientThatComesWhileTheHubIsAwayMayUseFreeTopicsOnly() throws Exception {
    site.server.unsetGateway(site.hub);
    try (RawClient device = client("d1")) {
      device.send(RawClient.publish("free", 1, 1, false, new byte[0]));
      assertEquals(1, device.expect(RawClient.PUBACK).id(0));
      device.send(telemetry(2, ""));
      assertThrows(IOException.class, device::read);
    }
    site.server.setGateway(site.hub);
    try (RawClient device = client("d1")) {
      device.send(telemetry(3, ""));
      assertEquals(3, device.expect(RawClient.PUBACK).id(0));
      site.server.unsetGateway(site.hub);
      assertThrows(IOException.class, device::read);
    }
  }

  /** Azure's Node SDK does not subscribe again when its session is there. */
  @Test
  void theInputsOfAPersistentSessionAreThereAgainAfterARestart() throws Exception {
    try (RawClient module = new RawClient(site.port()).login("gateway/filter", false)) {
      module.send(RawClient.subscribe(1, "devices/gateway/modules/filter/inputs/#", 1));
      module.expect(RawClient.SUBACK);
      site.hub.awaitInputs(FILTER);
    }
    site.hub.awaitGone(FILTER);
    site.server.close();
    site = new Site(site.store, new Limits.Backlog(100, 1 << 20));
    try (RawClient module = new RawClient(site.port())) {
      module.send(RawClient.connect("gateway/filter", false));
      assertArrayEquals(RawClient.bytes(1, 0), module.expect(RawClient.CONNACK).rest());
      site.hub.awaitInputs(FILTER).deliver("in1", Message.of(Payload.ofText("x")));
      module.expect(RawClient.PUBLISH);
    }
  }
}
