package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.EndpointAddress.Topic;
import io.gantry.spi.session.SendResult;
import io.gantry.testkit.session.FakeGateway.Sent;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics of the local broker that routes look at, and topics that they send to. */
class RoutedTopicsTest {

  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
    site.hub.want("plant/line1");
  }

  @AfterEach
  void close() {
    site.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aMessageReachesTheRoutesAndTheSubscribers(int qos) throws Exception {
    try (MqttClient client = site.connect("client")) {
      Inbox inbox = new Inbox();
      client.subscribe("plant/#", 2, inbox);
      client.publish("plant/line1", bytes("x"), qos, false);
      client.publish("plant/line2", bytes("y"), qos, false);
      inbox.assertNext("plant/line1", "x");
      inbox.assertNext("plant/line2", "y");
      List<Sent> sent = site.hub.awaitSent(1);
      assertEquals(1, sent.size(), "nobody wants line2");
      assertEquals(Optional.of("plant/line1"), sent.get(0).output());
      assertEquals("x", sent.get(0).message().body().asText());
      client.disconnect();
    }
  }

  /** Acknowledged means stored, and acknowledgements keep their order. */
  @Test
  void nothingIsAcknowledgedBeforeItIsStoredNorWhatCameAfterIt() throws Exception {
    site.hub.hold(true);
    try (RawClient client = new RawClient(site.port()).login("c", true)) {
      client.send(
          RawClient.publish("plant/line1", 1, 1, false, bytes("a")),
          RawClient.publish("plant/line2", 1, 2, false, bytes("b")),
          RawClient.publish("plant/line1", 2, 3, false, bytes("c")),
          RawClient.bytes(0xC0, 0));
      assertEquals(RawClient.PINGRESP, client.read().type(), "nothing is acknowledged yet");
      List<Sent> sent = site.hub.awaitSent(2);
      sent.get(1).accept();
      client.send(RawClient.bytes(0xC0, 0));
      assertEquals(RawClient.PINGRESP, client.read().type(), "the first is not stored yet");
      sent.get(0).accept();
      assertEquals(1, client.expect(RawClient.PUBACK).id(0));
      assertEquals(2, client.expect(RawClient.PUBACK).id(0));
      assertEquals(3, client.expect(RawClient.PUBREC).id(0));
    }
  }

  @Test
  void aMessageThatIsRefusedIsNotAcknowledgedAndEndsTheConnection() throws Exception {
    site.hub.hold(true);
    try (RawClient client = new RawClient(site.port()).login("c", true)) {
      client.send(RawClient.publish("plant/line1", 1, 1, false, bytes("a")));
      site.hub.awaitSent(1).get(0).reject(SendResult.Reason.STORE_FULL);
      assertThrows(IOException.class, client::read);
    }
  }

  /** The store is slow: the client is not read without end. */
  @Test
  void aClientIsNotReadWhileTooMuchWaitsForTheStore() throws Exception {
    site.hub.hold(true);
    try (RawClient client = new RawClient(site.port()).login("c", true)) {
      for (int i = 1; i <= 2_000; i++) {
        client.send(RawClient.publish("plant/line1", 1, i, false, bytes("a")));
      }
      site.hub.awaitSent(512);
      int acknowledged = 0;
      while (acknowledged < 2_000) {
        List<Sent> sent = site.hub.awaitSent(acknowledged + 1);
        assertTrue(sent.size() <= acknowledged + 512, "taken " + sent.size());
        for (Sent each : sent.subList(acknowledged, sent.size())) {
          each.accept();
          acknowledged++;
          assertEquals(acknowledged, client.expect(RawClient.PUBACK).id(0));
        }
      }
    }
  }

  /** It was received: subscribers get it although the sender has left before the store answered. */
  @Test
  void whatCameBeforeAnOrderlyEndReachesTheSubscribers() throws Exception {
    site.hub.hold(true);
    try (MqttClient reader = site.connect("reader");
        RawClient client = new RawClient(site.port()).login("c", true)) {
      Inbox inbox = new Inbox();
      reader.subscribe("plant/#", 1, inbox);
      client.send(
          RawClient.publish("plant/line1", 1, 1, false, bytes("a")), RawClient.bytes(0xE0, 0));
      inbox.assertNext("plant/line1", "a");
      reader.disconnect();
    }
  }

  @Test
  void aWillOnAWantedTopicReachesTheRoutes() throws Exception {
    MqttConnectOptions options = Site.options(true);
    options.setWill("plant/line1", bytes("gone"), 1, false);
    MqttClient client = site.connect("client", options);
    client.disconnectForcibly(0, 1, false);
    client.close();
    assertEquals("gone", site.hub.awaitSent(1).get(0).message().body().asText());
  }

  private Delivery deliver(String topic, Message message) throws Exception {
    CompletionStage<Delivery> delivery = site.server.deliver(new Topic(topic), message);
    return delivery.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static Message message() {
    return Message.of(Payload.ofText("x")).withProperty("line", "line1");
  }

  @Test
  void aRouteSendsToTheSubscribersOfATopic() throws Exception {
    try (MqttClient client = site.connect("client")) {
      Inbox inbox = new Inbox();
      client.subscribe("alerts/#", 1, inbox);
      assertEquals(Delivery.Accepted.INSTANCE, deliver("alerts/${line}", message()));
      inbox.assertNext("alerts/line1", "x");
      client.disconnect();
    }
    assertEquals(List.of(), site.hub.sent());
  }

  /** Or a route behind it would never see it; it carries how far it has come. */
  @Test
  void aRouteThatLooksAtTheTopicGetsWhatAnotherSendsThere() throws Exception {
    deliver("plant/${line}", message());
    assertEquals(
        Optional.of("1"),
        site.hub.awaitSent(1).get(0).message().systemProperty(SystemProperty.HOPS));
    deliver("plant/line1", message().withSystemProperty(SystemProperty.HOPS, "4"));
    Message second = site.hub.awaitSent(2).get(1).message();
    assertEquals(Optional.of("5"), second.systemProperty(SystemProperty.HOPS));
    assertEquals("line1", second.properties().get("line"));
  }

  @Test
  void aRouteBehindItThatCannotStoreMakesTheMessageComeAgain() throws Exception {
    site.hub.hold(true);
    CompletionStage<Delivery> delivery = site.server.deliver(new Topic("plant/line1"), message());
    site.hub.awaitSent(1).get(0).reject(SendResult.Reason.STORE_FULL);
    assertInstanceOf(
        Delivery.Retry.class, delivery.toCompletableFuture().get(60, TimeUnit.SECONDS));
  }

  @Test
  void aMessageThatMakesNoTopicIsRejected() throws Exception {
    assertEquals(
        new Delivery.Rejected("property other: expected one level of a topic, found none"),
        deliver("alerts/${other}", message()));
    Message evil = Message.of(Payload.EMPTY).withProperty("a", "devices").withProperty("b", "d1");
    assertInstanceOf(
        Delivery.Rejected.class, deliver("${a}/${b}/messages/events/", evil), "a hub's topic");
  }
}
