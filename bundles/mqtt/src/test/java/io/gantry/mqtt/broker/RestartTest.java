package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions, and what waits in them, survive the server. */
class RestartTest {

  private static final int BOUND = 100;
  private static final Limits.Backlog LIMITS = new Limits.Backlog(BOUND, 1 << 20);
  private static final String QUEUE = "sessions/stayer";
  private static final byte[] PING = RawClient.bytes(0xC0, 0);

  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site(new FakeStore(), LIMITS);
  }

  @AfterEach
  void close() {
    site.close();
  }

  /** An orderly end, or what a power cut leaves. */
  private void restart(boolean crash) throws Exception {
    FakeStore left = crash ? site.store.afterCrash() : site.store;
    site.close();
    site = new Site(left, LIMITS);
  }

  private RawClient client(String id, boolean clean) throws IOException {
    return new RawClient(site.port()).login(id, clean);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private void subscribe(String id, String filter, int qos) throws Exception {
    try (RawClient client = client(id, false)) {
      client.send(RawClient.subscribe(1, filter, qos));
      client.expect(RawClient.SUBACK);
      leave(client);
    }
  }

  private static void leave(RawClient client) throws IOException {
    client.send(RawClient.bytes(0xE0, 0));
    client.awaitClosed();
  }

  private void publish(String topic, int qos, int from, int to) throws Exception {
    try (RawClient writer = client("writer", true)) {
      for (int i = from; i < to; i++) {
        writer.send(RawClient.publish(topic, qos, 1 + i, false, bytes("n" + i)));
        assertEquals(1 + i, writer.expect(qos == 1 ? RawClient.PUBACK : RawClient.PUBREC).id(0));
        if (qos == 2) {
          writer.send(RawClient.ack(0x62, 1 + i));
          writer.expect(RawClient.PUBCOMP);
        }
      }
      leave(writer);
    }
  }

  private static String text(Packet packet) {
    byte[] rest = packet.rest();
    return new String(Arrays.copyOfRange(rest, 4 + packet.id(0), rest.length), UTF_8);
  }

  private void awaitPending(long count) {
    Await.until(count + " wait", () -> site.store.queue(QUEUE).pending() == count);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "2,true", "1,false", "2,false"})
  void whatCameWhileASessionWasAwayComesAfterARestartInOrder(int qos, boolean crash)
      throws Exception {
    MqttClient first = site.connect("stayer", Site.options(false));
    first.subscribe("news/#", qos);
    first.disconnect();
    first.close();
    try (MqttClient writer = site.connect("writer")) {
      for (int i = 0; i < 60; i++) {
        writer.publish("news/n", bytes("n" + i), qos, false);
      }
      writer.disconnect();
    }
    restart(crash);
    Inbox inbox = new Inbox();
    MqttClient again =
        new MqttClient("tcp://127.0.0.1:" + site.port(), "stayer", new MemoryPersistence());
    again.setCallback(new InboxCallback(inbox));
    assertTrue(again.connectWithResult(Site.options(false)).getSessionPresent());
    for (int i = 0; i < 60; i++) {
      assertEquals(new Inbox.Received("news/n", "n" + i, qos, false), inbox.next());
    }
    try (MqttClient writer = site.connect("writer")) {
      writer.publish("news/n", bytes("last"), qos, false);
      inbox.assertNext("news/n", "last");
      writer.disconnect();
    }
    awaitPending(0);
    again.disconnect();
    again.close();
    restart(crash);
    try (RawClient reader = client("stayer", false)) {
      reader.send(PING);
      reader.expect(RawClient.PINGRESP);
    }
  }

  /** MQTT 3.1.1, 4.4 and 4.6: under its old id, and before anything new. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasOnItsWayComesAgainUnderItsIdBeforeTheRest(boolean crash) throws Exception {
    subscribe("stayer", "news", 1);
    List<Integer> ids = new ArrayList<>();
    try (RawClient reader = client("stayer", false)) {
      publish("news", 1, 0, 40);
      for (int i = 0; i < 10; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals("n" + i, text(packet));
        assertFalse(packet.isDup());
        ids.add(packet.publishId());
      }
      reader.send(RawClient.ack(0x40, ids.get(0)), RawClient.ack(0x40, ids.get(1)));
      awaitPending(38);
    }
    restart(crash);
    publish("news", 1, 40, 45);
    Set<Integer> open = new HashSet<>();
    try (RawClient reader = client("stayer", false)) {
      for (int i = 2; i < 45; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals("n" + i, text(packet));
        if (i < 10) {
          assertTrue(packet.isDup());
          assertEquals(ids.get(i), packet.publishId());
        }
        assertTrue(open.add(packet.publishId()));
        if (i >= 20) {
          reader.send(RawClient.ack(0x40, packet.publishId()));
        }
        if (i == 20) {
          open.forEach(id -> send(reader, RawClient.ack(0x40, id)));
        }
      }
      awaitPending(0);
    }
  }

  private static void send(RawClient client, byte[] packet) {
    try {
      client.send(packet);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPublisherIsAcknowledgedWhenItsMessageIsStoredForTheSession(int qos) throws Exception {
    subscribe("stayer", "news", 2);
    site.store.hold();
    try (RawClient writer = client("writer", true)) {
      writer.send(
          RawClient.publish("news", qos, 1, false, bytes("a")),
          RawClient.publish("elsewhere", 1, 2, false, bytes("b")),
          PING);
      writer.expect(RawClient.PINGRESP);
      assertEquals(1, site.store.held());
      site.store.release();
      assertEquals(1, writer.expect(qos == 1 ? RawClient.PUBACK : RawClient.PUBREC).id(0));
      assertEquals(2, writer.expect(RawClient.PUBACK).id(0));
    }
    restart(true);
    try (RawClient reader = client("stayer", false)) {
      assertEquals("a", text(reader.expect(RawClient.PUBLISH)));
    }
  }

  @Test
  void aPublisherIsAcknowledgedWhenBothRoutesAndSessionsHaveStored() throws Exception {
    subscribe("stayer", "plant", 1);
    site.hub.want("plant");
    site.hub.hold(true);
    try (RawClient writer = client("writer", true)) {
      writer.send(RawClient.publish("plant", 1, 1, false, bytes("a")));
      awaitPending(1);
      writer.send(PING);
      writer.expect(RawClient.PINGRESP);
      site.hub.awaitSent(1).get(0).accept();
      writer.expect(RawClient.PUBACK);
    }
  }

  @ParameterizedTest
  @EnumSource(StoreException.Kind.class)
  void nothingIsAcknowledgedThatTheStoreRefuses(StoreException.Kind kind) throws Exception {
    subscribe("stayer", "news", 2);
    site.store.refuse(kind);
    try (RawClient writer = client("writer", false)) {
      writer.send(RawClient.publish("news", 2, 7, false, bytes("a")));
      assertThrows(IOException.class, writer::read);
    }
    site.store.refuse(null);
    try (RawClient writer = client("writer", false);
        RawClient reader = client("stayer", false)) {
      // What was refused is no repetition.
      writer.send(RawClient.publish("news", 2, 7, true, bytes("a")));
      assertEquals(7, writer.expect(RawClient.PUBREC).id(0));
      assertEquals("a", text(reader.expect(RawClient.PUBLISH)));
    }
  }

  @Test
  void aMessageOfARouteIsAcceptedWhenItIsStoredForTheSession() throws Exception {
    subscribe("stayer", "alerts", 1);
    site.store.hold();
    CompletableFuture<Delivery> delivery =
        site.server
            .deliver(
                new EndpointAddress.Topic("alerts"),
                io.gantry.api.message.Message.of(io.gantry.api.message.Payload.ofText("x")))
            .toCompletableFuture();
    Await.until("the store is asked", () -> site.store.held() == 1);
    assertFalse(delivery.isDone());
    site.store.release();
    assertEquals(Delivery.Accepted.INSTANCE, delivery.get(60, TimeUnit.SECONDS));
    restart(true);
    try (RawClient reader = client("stayer", false)) {
      assertEquals("x", text(reader.expect(RawClient.PUBLISH)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBoundHoldsForTheQueueAndAcrossARestart(boolean crash) throws Exception {
    subscribe("stayer", "news", 1);
    publish("news", 1, 0, BOUND + 5);
    awaitPending(BOUND);
    assertEquals(5, site.drops.of(DropReason.QUEUE_FULL));
    restart(crash);
    publish("news", 1, BOUND + 5, BOUND + 30);
    awaitPending(BOUND);
    assertEquals(25, site.drops.of(DropReason.QUEUE_FULL));
    try (RawClient reader = client("stayer", false)) {
      for (int i = 30; i < BOUND + 30; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals("n" + i, text(packet));
        reader.send(RawClient.ack(0x40, packet.publishId()));
      }
      awaitPending(0);
    }
  }

  /** What is on its way to a client that never answers must not keep the queue from its bound. */
  @Test
  void theBoundHoldsForWhatWasOnItsWay() throws Exception {
    subscribe("stayer", "news", 1);
    try (RawClient reader = client("stayer", false)) {
      publish("news", 1, 0, 3);
      for (int i = 0; i < 3; i++) {
        reader.expect(RawClient.PUBLISH);
      }
    }
    Await.until("it is gone", () -> site.connections() == 0);
    publish("news", 1, 3, BOUND + 10);
    awaitPending(BOUND);
    assertEquals(10, site.drops.of(DropReason.QUEUE_FULL));
  }

  @Test
  void aFastPublisherWaitsForAPersistentSubscriberThatIsThere() throws Exception {
    int count = 3_000;
    subscribe("stayer", "news", 1);
    try (RawClient reader = client("stayer", false);
        RawClient writer = client("writer", true)) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < count; i++) {
                  send(writer, RawClient.publish("news", 1, 1 + i, false, bytes("n" + i)));
                }
              });
      Await.until("it is full", () -> site.store.queue(QUEUE).pending() >= BOUND);
      int most = 0;
      for (int i = 0; i < count; i++) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals("n" + i, text(packet));
        if (i % 20 == 0) {
          most = Math.max(most, site.server.inspect(RestartTest::waiting));
        }
        reader.send(RawClient.ack(0x40, packet.publishId()));
      }
      writing.get(60, TimeUnit.SECONDS);
      for (int i = 0; i < count; i++) {
        assertEquals(1 + i, writer.expect(RawClient.PUBACK).id(0));
      }
      assertTrue(most <= BOUND, "waiting: " + most);
      assertEquals(0, site.drops.counts().size());
    }
  }

  private static int waiting(Broker broker) {
    Outbox outbox = broker.sessions().state("stayer").outbox;
    return outbox == null ? 0 : outbox.size();
  }

  @Test
  void manySessionsShareOneRecord() throws Exception {
    for (int i = 0; i < 5; i++) {
      subscribe("s" + i, "news", 1 + i % 2);
    }
    publish("news", 2, 0, 1);
    assertEquals(1, site.store.status().appended());
    Set<Long> offsets = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      MessageQueue queue = site.store.queue("sessions/s" + i);
      offsets.add(queue.read(-1, 1, 1).get(0).offset());
    }
    assertEquals(1, offsets.size());
    restart(true);
    for (int i = 0; i < 5; i++) {
      try (RawClient reader = client("s" + i, false)) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        assertEquals(1 + i % 2, packet.first() >> 1 & 3);
      }
    }
  }

  @Test
  void subscriptionsAndTheirEndAreAcknowledgedWhenTheyAreStored() throws Exception {
    site.store.hold();
    try (RawClient client = client("stayer", false)) {
      client.send(RawClient.subscribe(1, "news", 1), PING);
      client.expect(RawClient.PINGRESP);
      site.store.release();
      client.expect(RawClient.SUBACK);
      site.store.hold();
      byte[] unsubscribe = RawClient.packet(0xA2, RawClient.bytes(0, 2), RawClient.text("news"));
      client.send(unsubscribe, PING);
      client.expect(RawClient.PINGRESP);
      site.store.release();
      client.expect(11);
      leave(client);
    }
    restart(true);
    publish("news", 1, 0, 1);
    assertEquals(0, site.store.status().appended());
  }

  @Test
  void aSubscriptionThatTheStoreRefusesIsNotAcknowledged() throws Exception {
    site.store.refuse(StoreException.Kind.BROKEN);
    try (RawClient client = client("stayer", false)) {
      client.send(RawClient.subscribe(1, "news", 1));
      assertThrows(IOException.class, client::read);
    }
  }

  @Test
  void aCleanSessionForgetsTheQueue() throws Exception {
    subscribe("stayer", "news", 1);
    publish("news", 1, 0, 3);
    assertTrue(site.store.queues().contains(QUEUE));
    try (RawClient client = client("stayer", true)) {
      client.send(PING);
      client.expect(RawClient.PINGRESP);
      assertFalse(site.store.queues().contains(QUEUE));
      leave(client);
    }
    restart(true);
    try (RawClient client = client("stayer", false)) {
      client.send(PING);
      client.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void anExpiredSessionForgetsTheQueue() throws Exception {
    subscribe("stayer", "news", 1);
    publish("news", 1, 0, 3);
    restart(true);
    site.time.advance(Duration.ofSeconds(3601));
    Await.until("it is forgotten", () -> !site.store.queues().contains(QUEUE));
    Await.until("its row too", () -> site.store.table("mqtt-sessions").keys().isEmpty());
  }

  @Test
  void aQueueWithoutASessionIsForgottenAtTheStart() throws Exception {
    site.store.append(new byte[1], Set.of("sessions/ghost", "modules/m/inputs/i"));
    restart(false);
    assertEquals(Set.of("modules/m/inputs/i"), site.store.queues());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aRetainedMessageIsAcknowledgedWhenItIsStored(int qos) throws Exception {
    site.store.hold();
    int first = 0x31 | qos << 1;
    try (RawClient writer = client("writer", true)) {
      writer.send(
          RawClient.packet(first, RawClient.text("state"), RawClient.bytes(0, 1), bytes("on")),
          PING);
      writer.expect(RawClient.PINGRESP);
      site.store.release();
      writer.expect(qos == 1 ? RawClient.PUBACK : RawClient.PUBREC);
    }
    restart(true);
    try (RawClient reader = client("reader", true)) {
      reader.send(RawClient.subscribe(1, "state", 1));
      reader.expect(RawClient.SUBACK);
      Packet packet = reader.expect(RawClient.PUBLISH);
      assertEquals("on", text(packet));
      assertEquals(1, packet.first() & 1);
    }
  }

  @Test
  void retainedMessagesOfANewSubscriptionSurviveAndAreNotOvertaken() throws Exception {
    try (RawClient writer = client("writer", true)) {
      writer.send(
          RawClient.packet(0x33, RawClient.text("state"), RawClient.bytes(0, 1), bytes("off")));
      writer.expect(RawClient.PUBACK);
      writer.send(RawClient.packet(0x31, RawClient.text("zero"), bytes("once")));
      writer.send(PING);
      writer.expect(RawClient.PINGRESP);
    }
    try (RawClient reader = client("stayer", false)) {
      reader.send(RawClient.subscribe(1, "#", 1));
      reader.expect(RawClient.SUBACK);
      Packet zero = reader.expect(RawClient.PUBLISH);
      assertEquals("zero", zero.topic());
      assertEquals(0x31, zero.first());
      publish("state", 1, 0, 1);
    }
    restart(true);
    try (RawClient reader = client("stayer", false)) {
      Packet retained = reader.expect(RawClient.PUBLISH);
      assertEquals("off", text(retained));
      assertEquals(1, retained.first() & 1);
      Packet live = reader.expect(RawClient.PUBLISH);
      assertEquals("n0", text(live));
      assertEquals(0, live.first() & 1);
    }
  }

  @Test
  void acknowledgementsMayComeInAnyOrder() throws Exception {
    subscribe("stayer", "news", 1);
    publish("news", 1, 0, 4);
    try (RawClient reader = client("stayer", false)) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ids.add(reader.expect(RawClient.PUBLISH).publishId());
      }
      reader.send(RawClient.ack(0x40, ids.get(2)), RawClient.ack(0x40, ids.get(1)), PING);
      reader.expect(RawClient.PINGRESP);
      assertEquals(4, site.store.queue(QUEUE).pending());
      leave(reader);
    }
    try (RawClient reader = client("stayer", false)) {
      Packet first = reader.expect(RawClient.PUBLISH);
      assertEquals("n0", text(first));
      assertEquals("n3", text(reader.expect(RawClient.PUBLISH)));
      reader.send(RawClient.ack(0x40, first.publishId()));
      awaitPending(1);
    }
    restart(true);
    try (RawClient reader = client("stayer", false)) {
      assertEquals("n3", text(reader.expect(RawClient.PUBLISH)));
    }
  }

  /** MQTT 3.1.1, 4.3.3: who has answered PUBREC must not get the message again. */
  @Test
  void aMessageOfQos2GoesOnWithItsReleaseOnTheNextConnection() throws Exception {
    subscribe("stayer", "news", 2);
    publish("news", 2, 0, 2);
    int id;
    try (RawClient reader = client("stayer", false)) {
      id = reader.expect(RawClient.PUBLISH).publishId();
      reader.expect(RawClient.PUBLISH);
      reader.send(RawClient.ack(0x50, id));
      assertEquals(0x62, reader.read().first());
    }
    Await.until("it is gone", () -> site.connections() == 0);
    try (RawClient reader = client("stayer", false)) {
      Packet release = reader.read();
      assertEquals(0x62, release.first());
      assertEquals(id, release.id(0));
      Packet second = reader.expect(RawClient.PUBLISH);
      assertEquals("n1", text(second));
      assertTrue(second.isDup());
      reader.send(RawClient.ack(0x70, id));
      awaitPending(1);
    }
  }

  @Test
  void namesOfQueuesTellAllClientsApart() {
    String longName = "x".repeat(257);
    List<String> ids =
        List.of("a", "a#1", "a#2", "a%231", longName, longName.replaceFirst("x$", "y"), "#", "%");
    Set<String> names = new HashSet<>();
    for (String id : ids) {
      String name = SessionQueues.name(id);
      assertTrue(names.add(name), name);
      assertTrue(name.length() <= 256, name);
      assertEquals(-1, name.indexOf('#'), name);
    }
    assertNotEquals(SessionQueues.name("a"), SessionQueues.name("A"));
  }
}
