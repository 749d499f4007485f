package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.MethodRequest;
import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.Subscription;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import io.gantry.testkit.store.FakeStore;
import io.gantry.testkit.time.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The faults of Moquette 0.17, and what else a client can do to a server: each is tried on a
 * running one, and others are served all the while.
 *
 * <table>
 * <caption>Where each is tried; without a class, here</caption>
 * <tr><td>a command that throws ends the loop of its session</td>
 *     <td>{@link #aCommandThatThrowsEndsItsOwnConnectionOnly}</td></tr>
 * <tr><td>a full queue of commands drops QoS 0 and leaves QoS 1 unacknowledged</td>
 *     <td>{@link #moreMessagesAtOnceThanMoquettesQueueHolds}</td></tr>
 * <tr><td>a second CONNECT</td><td>{@link #aSecondConnectEndsTheConnection}, {@code LoginTest}
 *     </td></tr>
 * <tr><td>malformed shared subscriptions</td>
 *     <td>{@link #sharedSubscriptionsAreRefusedInEveryShape}</td></tr>
 * <tr><td>topics and filters of too many levels</td>
 *     <td>{@link #topicsAndFiltersOfTooManyLevelsAreRefused}, {@link
 *     #aWillOfTooManyLevelsIsRefused}</td></tr>
 * <tr><td>a client id that is the name of a queue of another one</td>
 *     <td>{@link #aClientIdIsNobodysQueue}</td></tr>
 * <tr><td>a will that is published without being asked for its right</td>
 *     <td>{@link #aWillWithoutTheRightToPublishIsRefused}</td></tr>
 * <tr><td>a retained will that is not retained</td>
 *     <td>{@code FreeTopicsTest.aWillIsPublishedWhenTheConnectionBreaksAndRetainedIfAsked}</td>
 *     </tr>
 * <tr><td>rules with placeholders, and no user name or one that is a wildcard</td>
 *     <td>{@link #noUserNameWidensNothing}, {@code LoginTest.aNameThatIsAWildcardWidensNothing},
 *     {@code TopicRightsTest}</td></tr>
 * <tr><td>queues of slow subscribers without a bound</td>
 *     <td>{@link #aSubscriberThatReadsNothingLosesItsOwnMessagesOnly}, {@code SlowSubscriberTest}
 *     </td></tr>
 * <tr><td>no packet id is free</td>
 *     <td>{@link #aModuleThatAcknowledgesNothingIsLetGo}, {@link
 *     #methodsThatAreAnsweredAndNotAcknowledged}, {@link #messagesThatAreNeverReleased}</td></tr>
 * <tr><td>too large, nonsense, no CONNECT in time</td><td>{@code HostileClientsTest}, {@code
 *     MqttFuzzTest}</td></tr>
 * </table>
 */
class MoquetteFaultsTest {

  private static final ModuleIdentity M1 = new ModuleIdentity("gateway", "m1");
  private static final byte[] BODY = "x".getBytes(UTF_8);
  private static final byte[] PING = RawClient.bytes(0xC0, 0);

  private Site site;
  private Bystanders others;

  @BeforeEach
  void open() throws Exception {
    use(new Site());
  }

  private void use(Site used) throws IOException {
    site = used;
    others = new Bystanders(site);
    others.assertServed();
  }

  private void useInstead(Site used) throws IOException {
    close();
    use(used);
  }

  @AfterEach
  void close() throws IOException {
    others.assertServed();
    others.close();
    site.close();
  }

  private RawClient client(String id) throws IOException {
    return client(id, true);
  }

  private RawClient client(String id, boolean clean) throws IOException {
    return new RawClient(site.port()).login(id, clean);
  }

  private static RawClient withPassword(Site site, String id) throws IOException {
    RawClient client = new RawClient(site.port());
    client.send(RawClient.connectWithPassword(id, true));
    client.expect(RawClient.CONNACK);
    return client;
  }

  private static int code(Packet subAck, int filter) {
    return subAck.rest()[2 + filter] & 0xFF;
  }

  // --- Moquette

  @Test
  void aCommandThatThrowsEndsItsOwnConnectionOnly() throws Exception {
    useInstead(Site.withTables(new ThrowingTables("bomb")));
    try (RawClient attacker = client("attacker", false)) {
      attacker.send(RawClient.subscribe(1, "bomb", 1));
      attacker.awaitClosed();
    }
    others.assertServed();
    try (RawClient again = client("attacker", true)) {
      again.send(RawClient.subscribe(1, "a", 1));
      assertEquals(1, code(again.expect(RawClient.SUBACK), 0));
    }
  }

  @Test
  void moreMessagesAtOnceThanMoquettesQueueHolds() throws Exception {
    int count = 6_000;
    try (RawClient reader = client("reader");
        RawClient writer = client("writer")) {
      reader.send(RawClient.subscribe(1, "burst", 1));
      reader.expect(RawClient.SUBACK);
      ByteArrayOutputStream burst = new ByteArrayOutputStream();
      for (int i = 1; i <= count; i++) {
        byte[] body = Integer.toString(i).getBytes(UTF_8);
        burst.writeBytes(RawClient.publish("burst", i % 2, i, false, body));
      }
      CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(writer, burst));
      int atMostOnce = 0;
      int atLeastOnce = 0;
      while (atMostOnce < count / 2 || atLeastOnce < count / 2) {
        Packet packet = reader.expect(RawClient.PUBLISH);
        if ((packet.first() >> 1 & 3) == 0) {
          assertEquals(Integer.toString(2 * ++atMostOnce), text(packet, 2));
        } else {
          assertEquals(Integer.toString(2 * ++atLeastOnce - 1), text(packet, 4));
          reader.send(RawClient.ack(0x40, packet.publishId()));
        }
      }
      sending.get(60, TimeUnit.SECONDS);
      for (int i = 1; i <= count; i += 2) {
        assertEquals(i, writer.expect(RawClient.PUBACK).id(0));
      }
    }
    assertEquals(Map.of(), site.drops.counts());
  }

  private static void send(RawClient client, ByteArrayOutputStream bytes) {
    try {
      client.send(bytes.toByteArray());
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String text(Packet packet, int before) {
    byte[] rest = packet.rest();
    int start = packet.id(0) + before;
    return new String(rest, start, rest.length - start, UTF_8);
  }

  /** MQTT 3.1.1, 3.1.0-2: a protocol violation, after which the will is published. */
  @Test
  void aSecondConnectEndsTheConnection() throws Exception {
    try (RawClient reader = client("reader");
        RawClient device = new RawClient(site.port())) {
      reader.send(RawClient.subscribe(1, "wills", 0));
      reader.expect(RawClient.SUBACK);
      device.send(connectWithWill("d1", "wills", 60));
      device.expect(RawClient.CONNACK);
      device.send(RawClient.connect("d1", true));
      assertThrows(IOException.class, device::read);
      assertEquals("wills", reader.expect(RawClient.PUBLISH).topic());
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  private static byte[] connectWithWill(String id, String topic, int keepAlive) {
    return RawClient.packet(
        0x10,
        RawClient.text("MQTT"),
        RawClient.bytes(4, 0x06, 0, keepAlive),
        RawClient.text(id),
        RawClient.text(topic),
        RawClient.text("gone"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$share",
        "$share/",
        "$share//",
        "$share/g",
        "$share/g/",
        "$share//a",
        "$share/+/a",
        "$share/#/a",
        "$share/#",
        "$share/g/#",
        "$share/g+/a",
        "$share/g/a/#/b",
        "$share/g/$SYS/#",
        "$share/g/devices/other/messages/events/#",
        "$SHARE/g/a",
        "$shar",
        "$",
        "$SYS/#"
      })
  void sharedSubscriptionsAreRefusedInEveryShape(String filter) throws Exception {
    byte[] unsubscribe = RawClient.packet(0xA2, RawClient.bytes(0, 1), RawClient.text(filter));
    byte[] mixed =
        RawClient.packet(
            0x82,
            RawClient.bytes(0, 1),
            RawClient.text("a"),
            RawClient.bytes(1),
            RawClient.text(filter),
            RawClient.bytes(1));
    String topic = filter.replace('+', 'p').replace('#', 'h');
    byte[] publish = RawClient.publish(topic, 0, 0, false, BODY);
    for (byte[] packet : List.of(RawClient.subscribe(1, filter, 1), mixed, unsubscribe, publish)) {
      try (RawClient attacker = client("attacker")) {
        attacker.send(packet);
        attacker.awaitClosed();
      }
    }
    assertEquals(Map.of(DropReason.UNKNOWN_TOPIC, 4L), site.drops.counts());
    int subscriptions =
        site.server.inspect(broker -> broker.sessions().listAllSubscriptions().size());
    assertEquals(1, subscriptions);
  }

  static Stream<String> deepTopics() {
    return Stream.of(
        "a/".repeat(64), "a/".repeat(5_000), "/".repeat(64), "/".repeat(65_535), "//a".repeat(999));
  }

  @ParameterizedTest
  @MethodSource("deepTopics")
  void topicsAndFiltersOfTooManyLevelsAreRefused(String deep) throws Exception {
    try (RawClient device = client("d1")) {
      device.send(RawClient.subscribe(1, deep, 1));
      assertEquals(0x80, code(device.expect(RawClient.SUBACK), 0));
      device.send(RawClient.packet(0xA2, RawClient.bytes(0, 2), RawClient.text(deep)));
      device.expect(RawClient.UNSUBACK);
      device.send(RawClient.publish(deep, 1, 1, false, BODY));
      assertThrows(IOException.class, device::read);
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  @ParameterizedTest
  @MethodSource("deepTopics")
  void aWillOfTooManyLevelsIsRefused(String deep) throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connectWithWill("d1", deep, 60));
      assertEquals(5, device.expect(RawClient.CONNACK).rest()[1]);
      device.awaitClosed();
    }
  }

  /** The deepest that is allowed works. */
  @Test
  void sixtyFourLevelsAreNotTooMany() throws Exception {
    String deepest = "a/".repeat(63);
    try (RawClient device = client("d1")) {
      device.send(RawClient.subscribe(1, "+/".repeat(63) + "+", 0));
      assertEquals(0, code(device.expect(RawClient.SUBACK), 0));
      device.send(RawClient.publish(deepest, 0, 0, false, BODY));
      assertEquals(deepest, device.expect(RawClient.PUBLISH).topic());
    }
  }

  @Test
  void aClientIdIsNobodysQueue() throws Exception {
    try (RawClient reader = client("reader", false)) {
      reader.send(RawClient.subscribe(1, "news", 1));
      reader.expect(RawClient.SUBACK);
    }
    Await.until("it has left", () -> site.connections() == 2);
    try (RawClient writer = client("writer")) {
      writer.send(RawClient.publish("news", 1, 1, false, BODY));
      writer.expect(RawClient.PUBACK);
    }
    List<String> names =
        List.of(
            "queue_reader",
            "queue_reader_meta",
            "reader_meta",
            "queues_configuration",
            "mqtt-sessions",
            "mqtt-retained",
            "sessions/reader",
            "READER",
            "reader ",
            "../reader",
            "r%65ader");
    for (String name : names) {
      for (boolean clean : new boolean[] {false, true}) {
        try (RawClient attacker = client(name, clean)) {
          attacker.send(RawClient.subscribe(1, "x", 1));
          attacker.expect(RawClient.SUBACK);
        }
      }
    }
    try (RawClient reader = client("reader", false)) {
      assertEquals("news", reader.expect(RawClient.PUBLISH).topic());
    }
  }

  @Test
  void aWillWithoutTheRightToPublishIsRefused() throws Exception {
    useInstead(Site.strict());
    List<String> topics =
        List.of("bystander/calm", "public/x", "+", "#", "d1/#", "", "devices/d2/messages/events/");
    for (String topic : topics) {
      try (RawClient attacker = new RawClient(site.port())) {
        attacker.send(
            RawClient.packet(
                0x10,
                RawClient.text("MQTT"),
                RawClient.bytes(4, 0xE6, 0, 60),
                RawClient.text("d1"),
                RawClient.text(topic),
                RawClient.text("gone"),
                RawClient.text("d1"),
                RawClient.text("let me in")));
        assertEquals(5, attacker.expect(RawClient.CONNACK).rest()[1]);
        attacker.awaitClosed();
      }
      others.assertServed();
    }
    assertEquals(1, site.hub.sent().size() - topics.size(), "only the thermometer has sent");
  }

  @Test
  void noUserNameWidensNothing() throws Exception {
    useInstead(Site.strict());
    MqttConnectOptions options = Site.options(true);
    options.setSocketFactory(site.certificates.deviceContext().getSocketFactory());
    try (MqttClient device = site.connectTls("thermo1", options)) {
      Inbox inbox = new Inbox();
      device.subscribe("thermo1/#", 1, inbox);
      for (String filter : List.of("#", "+/calm", "bystander/#", "/#", "null/#")) {
        assertThrows(MqttException.class, () -> device.subscribe(filter, 1, inbox), filter);
      }
      device.publish("thermo1/x", BODY, 1, false);
      inbox.assertNext("thermo1/x", "x");
      device.disconnect();
    }
  }

  /** QoS 0 is lost, and counted; nobody is held up for it. */
  @Test
  void aSubscriberThatReadsNothingLosesItsOwnMessagesOnly() throws Exception {
    int count = 3_000;
    int kilobytes = 8 * 1024;
    try (RawClient reader = new RawClient(site.port(), 4096).login("reader", true);
        RawClient writer = client("writer")) {
      reader.send(RawClient.subscribe(1, "flood", 0));
      reader.expect(RawClient.SUBACK);
      for (int i = 1; i <= count; i++) {
        writer.send(RawClient.publish("flood", 0, 0, false, new byte[kilobytes]));
        if (i % 500 == 0) {
          others.assertServed();
        }
      }
      writer.send(PING);
      writer.expect(RawClient.PINGRESP);
      long lost = site.drops.of(DropReason.QUEUE_FULL);
      assertTrue(lost > 0, "nothing was lost, or it was not counted");
      for (int i = 0; i < count - lost; i++) {
        assertEquals("flood", reader.expect(RawClient.PUBLISH).topic());
      }
      reader.send(PING);
      reader.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void aModuleThatAcknowledgesNothingIsLetGo() throws Exception {
    try (RawClient module = client("gateway/m1")) {
      module.send(RawClient.subscribe(1, "devices/gateway/modules/m1/inputs/#", 1));
      module.expect(RawClient.SUBACK);
      ClientSession session = site.hub.awaitInputs(M1);
      Message message = Message.of(Payload.EMPTY);
      List<CompletionStage<Delivery>> answers = new ArrayList<>();
      // As many as there are packet ids, and some.
      for (int i = 0; i < 70_000; i++) {
        answers.add(session.deliver("in", message));
      }
      for (CompletionStage<Delivery> answer : answers) {
        assertEquals(
            Delivery.Absent.INSTANCE, answer.toCompletableFuture().get(60, TimeUnit.SECONDS));
      }
      module.awaitClosed();
    }
  }

  @Test
  void methodsThatAreAnsweredAndNotAcknowledged() throws Exception {
    try (RawClient module = client("gateway/m1")) {
      module.send(RawClient.subscribe(1, "$iothub/methods/POST/#", 1));
      module.expect(RawClient.SUBACK);
      ClientSession session = site.hub.awaitSubscription(M1, Subscription.METHODS);
      CompletableFuture<?> last = new CompletableFuture<>();
      for (int i = 0; i < 70_000; i++) {
        last = session.invoke(new MethodRequest("m", "null")).toCompletableFuture();
      }
      CompletableFuture<?> one = last;
      assertThrows(ExecutionException.class, () -> one.get(60, TimeUnit.SECONDS));
      assertTrue(one.isCompletedExceptionally());
      module.awaitClosed();
    }
  }

  @Test
  void messagesThatAreNeverReleased() throws Exception {
    try (RawClient writer = client("writer")) {
      try {
        for (int id = 1; id <= 65_535; id++) {
          writer.send(RawClient.publish("a", 2, id, false, BODY));
        }
      } catch (IOException closed) {
        // It is not waited for until the last id.
      }
      writer.awaitClosed();
    }
    others.assertServed();
    Await.until("its session is gone", () -> sessionsOf("writer") == 0);
  }

  private long sessionsOf(String clientId) {
    return site.server.inspect(
        broker ->
            broker.sessions().list().stream().filter(s -> s.clientId().equals(clientId)).count());
  }

  // --- the protocol

  private static Arguments named(String name, byte[]... packets) {
    return Arguments.of(name, RawClient.join(packets));
  }

  private static byte[] invalid(int... bytes) {
    return RawClient.join(RawClient.bytes(0, bytes.length), RawClient.bytes(bytes));
  }

  static Stream<Arguments> violations() {
    byte[] id = RawClient.bytes(0, 1);
    byte[] a = RawClient.text("a");
    byte[] one = RawClient.bytes(1);
    byte[] notUtf8 = invalid('a', 0xC3, 0x28);
    byte[] surrogate = invalid(0xED, 0xA0, 0x80);
    byte[] overlong = invalid(0xC0, 0xAF);
    byte[] nul = RawClient.text("a\0b");
    return Stream.of(
        named("QoS 3 (3.3.1-4)", RawClient.packet(0x36, a, id)),
        named("QoS 0 and DUP (3.3.1-2)", RawClient.packet(0x38, a)),
        named("PUBLISH with packet id 0 (2.3.1-1)", RawClient.publish("a", 1, 0, false, BODY)),
        named("QoS 2 with packet id 0", RawClient.publish("a", 2, 0, false, BODY)),
        named("SUBSCRIBE with packet id 0", RawClient.subscribe(0, "a", 1)),
        named("UNSUBSCRIBE with packet id 0", RawClient.packet(0xA2, RawClient.bytes(0, 0), a)),
        named("PUBACK with packet id 0", RawClient.ack(0x40, 0)),
        named("PUBREL with packet id 0", RawClient.ack(0x62, 0)),
        named("no topic (4.7.3-1)", RawClient.publish("", 0, 0, false, BODY)),
        named("topic with + (3.3.2-2)", RawClient.publish("a/+", 0, 0, false, BODY)),
        named("topic with #", RawClient.publish("a/#", 1, 1, false, BODY)),
        named("topic with U+0000 (1.5.3-2)", RawClient.packet(0x30, nul)),
        named("topic that is not UTF-8 (1.5.3-1)", RawClient.packet(0x30, notUtf8)),
        named("topic with a surrogate", RawClient.packet(0x30, surrogate)),
        named("topic with an overlong form", RawClient.packet(0x30, overlong)),
        named(
            "topic of the hub that is not UTF-8",
            RawClient.packet(
                0x30,
                RawClient.bytes(0, 36),
                "devices/offender/messages/events/a=".getBytes(UTF_8),
                RawClient.bytes(0xFF))),
        named(
            "topic of the hub with U+0000",
            RawClient.publish("devices/offender/messages/events/a=\0", 0, 0, false, BODY)),
        named("filter with U+0000", RawClient.packet(0x82, id, nul, one)),
        named("filter that is not UTF-8", RawClient.packet(0x82, id, notUtf8, one)),
        named(
            "filter of the hub with a new line",
            RawClient.subscribe(1, "$iothub/methods/POST/#\n2 #", 1)),
        named("SUBSCRIBE without filters (3.8.3-3)", RawClient.packet(0x82, id)),
        named("SUBSCRIBE with QoS 3 (3.8.3-4)", RawClient.subscribe(1, "a", 3)),
        named("SUBSCRIBE with reserved bits", RawClient.subscribe(1, "a", 5)),
        named("SUBSCRIBE with reserved bits", RawClient.subscribe(1, "a", 0x11)),
        named("SUBSCRIBE with flags 0 (3.8.1-1)", RawClient.packet(0x80, id, a, one)),
        named("SUBSCRIBE with flags 3", RawClient.packet(0x83, id, a, one)),
        named("SUBSCRIBE without QoS", RawClient.packet(0x82, id, a)),
        named("UNSUBSCRIBE without filters (3.10.3-2)", RawClient.packet(0xA2, id)),
        named("UNSUBSCRIBE with flags 0 (3.10.1-1)", RawClient.packet(0xA0, id, a)),
        named("UNSUBSCRIBE with U+0000", RawClient.packet(0xA2, id, nul)),
        named("PUBREL with flags 0 (3.6.1-1)", RawClient.ack(0x60, 1)),
        named("PUBACK with flags (2.2.2-2)", RawClient.ack(0x41, 1)),
        named("PUBREC with flags", RawClient.ack(0x52, 1)),
        named("PUBCOMP with flags", RawClient.ack(0x78, 1)),
        named("PINGREQ with flags", RawClient.bytes(0xC1, 0)),
        named("DISCONNECT with flags (3.14.1-1)", RawClient.bytes(0xE1, 0)),
        named("DISCONNECT with a reason", RawClient.bytes(0xE0, 1, 0)),
        named("PINGREQ with a byte", RawClient.bytes(0xC0, 1, 0)),
        named("PUBACK of one byte", RawClient.bytes(0x40, 1, 0)),
        named("PUBACK of no byte", RawClient.bytes(0x40, 0)),
        named("PUBACK of three bytes", RawClient.bytes(0x40, 3, 0, 1, 0)),
        named("PUBREL of four bytes", RawClient.bytes(0x62, 4, 0, 1, 0, 0)),
        named("type 0", RawClient.bytes(0x00, 0)),
        named("type 15", RawClient.bytes(0xF0, 0)),
        named("CONNACK", RawClient.bytes(0x20, 2, 0, 0)),
        named("SUBACK", RawClient.bytes(0x90, 3, 0, 1, 0)),
        named("UNSUBACK", RawClient.ack(0xB0, 1)),
        named("PINGRESP", RawClient.bytes(0xD0, 0)),
        named("length of five bytes", RawClient.bytes(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 1, 'a')),
        named("length of 268,435,455", RawClient.bytes(0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 'a')),
        named("topic longer than its packet", RawClient.bytes(0x30, 3, 0, 9, 'a', 0xC0, 0)),
        named("PUBLISH of no byte", RawClient.bytes(0x30, 0)),
        named("packet that swallows the next", RawClient.bytes(0x40, 0), PING),
        named("a valid packet before it", PING, RawClient.bytes(0x41, 2, 0, 1)));
  }

  /** Whoever breaks a rule is disconnected (MQTT 3.1.1, 4.8.0-1), and its will published. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("violations")
  void aViolationEndsTheConnectionItCameOn(String name, byte[] packet) throws Exception {
    try (RawClient reader = client("reader");
        RawClient offender = new RawClient(site.port())) {
      reader.send(RawClient.subscribe(1, "wills/#", 0));
      reader.expect(RawClient.SUBACK);
      offender.send(connectWithWill("offender", "wills/offender", 60));
      offender.expect(RawClient.CONNACK);
      offender.send(packet);
      offender.awaitClosed();
      assertEquals("wills/offender", reader.expect(RawClient.PUBLISH).topic());
      assertEquals(1, total(site.drops.counts()));
    }
  }

  private static long total(Map<DropReason, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  static Stream<Arguments> badConnects() {
    byte[] mqtt = RawClient.text("MQTT");
    byte[] d1 = RawClient.text("d1");
    byte[] will = RawClient.join(RawClient.text("wills/x"), RawClient.text("gone"));
    return Stream.of(
        named("reserved flag (3.1.2-3)", connect(mqtt, 4, 0x03, d1)),
        named("will with QoS 3 (3.1.2-14)", connect(mqtt, 4, 0x1E, d1, will)),
        named("QoS of no will (3.1.2-13)", connect(mqtt, 4, 0x0A, d1)),
        named("RETAIN of no will (3.1.2-15)", connect(mqtt, 4, 0x22, d1)),
        named("will that is not there (3.1.2-9)", connect(mqtt, 4, 0x06, d1)),
        named("texts of a will and no flag (3.1.2-11)", connect(mqtt, 4, 0x02, d1, will)),
        named("password and no user name (3.1.2-22)", connect(mqtt, 4, 0x42, d1, d1)),
        named("user name that is not there", connect(mqtt, 4, 0x82, d1)),
        named("client id that is not there (3.1.3-3)", connect(mqtt, 4, 0x02)),
        named("client id that is not UTF-8 (3.1.3-4)", connect(mqtt, 4, 0x02, invalid(0xFF))),
        named("client id with U+0000", connect(mqtt, 4, 0x02, RawClient.text("a\0"))),
        named(
            "will's topic with U+0000",
            connect(mqtt, 4, 0x06, d1, RawClient.text("a\0"), RawClient.text("gone"))),
        named("user name that is not UTF-8", connect(mqtt, 4, 0xC2, d1, invalid(0xFE), d1)),
        named("flags of the packet (2.2.2-2)", RawClient.join(RawClient.bytes(0x11), rest(d1))),
        named("anything else (3.1.0-1)", PING),
        named("another protocol", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8)));
  }

  private static byte[] connect(byte[] protocol, int level, int flags, byte[]... payload) {
    return RawClient.packet(
        0x10, protocol, RawClient.bytes(level, flags, 0, 60), RawClient.join(payload));
  }

  private static byte[] rest(byte[] clientId) {
    byte[] valid = connect(RawClient.text("MQTT"), 4, 2, clientId);
    return Arrays.copyOfRange(valid, 1, valid.length);
  }

  /** MQTT 3.1.1, 3.1.4-1: closed without a CONNACK. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("badConnects")
  void aConnectThatBreaksARuleIsNotAnswered(String name, byte[] packet) throws Exception {
    try (RawClient stranger = new RawClient(site.port())) {
      stranger.send(packet);
      assertThrows(IOException.class, stranger::read);
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  static Stream<Arguments> refusedConnects() {
    byte[] d1 = RawClient.text("d1");
    byte[] nobody = RawClient.text("");
    return Stream.of(
        Arguments.of("level 2 (3.1.2-2)", 1, connect(RawClient.text("MQTT"), 2, 2, d1)),
        Arguments.of("level 6", 1, connect(RawClient.text("MQTT"), 6, 2, d1)),
        Arguments.of("level 0x84", 1, connect(RawClient.text("MQTT"), 0x84, 2, d1)),
        Arguments.of("name of 3.1 with level 4", 1, connect(RawClient.text("MQIsdp"), 4, 2, d1)),
        Arguments.of("name in small letters", 1, connect(RawClient.text("mqtt"), 4, 2, d1)),
        Arguments.of("no name", 1, connect(RawClient.text(""), 4, 2, d1)),
        Arguments.of("no client id (3.1.3-8)", 2, connect(RawClient.text("MQTT"), 4, 0, nobody)),
        Arguments.of(
            "client id that is too long",
            2,
            connect(RawClient.text("MQTT"), 4, 2, RawClient.text("x".repeat(258)))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedConnects")
  void aConnectThatIsRefusedIsTold(String name, int code, byte[] packet) throws Exception {
    try (RawClient stranger = new RawClient(site.port())) {
      stranger.send(packet);
      assertArrayEquals(RawClient.bytes(0, code), stranger.expect(RawClient.CONNACK).rest());
      assertThrows(IOException.class, stranger::read);
    }
  }

  @Test
  void whoIsSilentForOneAndAHalfTimesItsKeepAliveIsGone() throws Exception {
    try (RawClient reader = client("reader");
        RawClient silent = new RawClient(site.port())) {
      reader.send(RawClient.subscribe(1, "wills", 0));
      reader.expect(RawClient.SUBACK);
      silent.send(connectWithWill("silent", "wills", 1));
      silent.expect(RawClient.CONNACK);
      silent.awaitClosed();
      assertEquals("wills", reader.expect(RawClient.PUBLISH).topic());
    }
  }

  @Test
  void aConnectionThatIsHalfClosedIsGoneAndWhatItSentIsNot() throws Exception {
    try (RawClient reader = client("reader");
        RawClient half = new RawClient(site.port())) {
      reader.send(RawClient.subscribe(1, "wills", 0));
      reader.expect(RawClient.SUBACK);
      half.send(
          connectWithWill("half", "wills", 60), RawClient.publish("wills", 1, 1, false, BODY));
      half.socket.shutdownOutput();
      assertEquals("x", text(reader.expect(RawClient.PUBLISH), 2));
      assertEquals("gone", text(reader.expect(RawClient.PUBLISH), 2));
      half.awaitClosed();
    }
  }

  @Test
  void packetsMayBeCutAtEveryByte() throws Exception {
    byte[] all =
        RawClient.join(
            connectWithWill("d1", "wills", 60),
            RawClient.subscribe(1, "a", 2),
            RawClient.publish("a", 2, 9, false, new byte[200]),
            RawClient.ack(0x62, 9),
            RawClient.publish("devices/d1/messages/events/k=v", 1, 10, false, BODY),
            RawClient.packet(0xA2, RawClient.bytes(0, 2), RawClient.text("a")),
            PING);
    try (RawClient client = new RawClient(site.port())) {
      client.socket.setTcpNoDelay(true);
      for (byte each : all) {
        client.send(new byte[] {each});
      }
      List<Integer> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(client.read().type());
      }
      assertTrue(
          answers.containsAll(
              List.of(
                  RawClient.CONNACK,
                  RawClient.SUBACK,
                  RawClient.PUBREC,
                  RawClient.PUBLISH,
                  RawClient.PUBCOMP,
                  RawClient.PUBACK,
                  RawClient.UNSUBACK,
                  RawClient.PINGRESP)),
          answers.toString());
      client.send(RawClient.bytes(0xE0));
      client.send(RawClient.bytes(0));
      client.awaitClosed();
    }
    assertEquals(Map.of(), site.drops.counts());
  }

  /** Nobody may come to harm by a client that answers what it was never asked. */
  @Test
  void acknowledgementsOfNothingAreHarmless() throws Exception {
    try (RawClient device = client("d1")) {
      device.send(
          RawClient.ack(0x40, 77),
          RawClient.ack(0x70, 77),
          RawClient.ack(0x62, 78),
          RawClient.ack(0x50, 79),
          PING);
      assertEquals(78, device.expect(RawClient.PUBCOMP).id(0));
      Packet release = device.read();
      assertEquals(0x62, release.first());
      assertEquals(79, release.id(0));
      device.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void aStormOfAcknowledgementsOfNothingIsAnswered() throws Exception {
    try (RawClient device = client("d1")) {
      for (int round = 0; round < 65; round++) {
        ByteArrayOutputStream storm = new ByteArrayOutputStream();
        for (int i = 1; i <= 1_000; i++) {
          int id = round * 1_000 + i;
          storm.writeBytes(RawClient.ack(0x40, id));
          storm.writeBytes(RawClient.ack(0x50, id));
          storm.writeBytes(RawClient.ack(0x62, id));
          storm.writeBytes(RawClient.ack(0x70, id));
        }
        device.send(storm.toByteArray());
        for (int i = 0; i < 2_000; i++) {
          device.read();
        }
      }
      others.assertServed();
      device.send(PING);
      device.expect(RawClient.PINGRESP);
    }
    assertEquals(Map.of(), site.drops.counts());
  }

  @Test
  void whatWasNotSubscribedToCanBeGivenUp() throws Exception {
    try (RawClient device = client("d1")) {
      for (String filter : List.of("never", "a/+/b", "#", "a#", "", "devices/d1/modules/m/#")) {
        device.send(RawClient.packet(0xA2, RawClient.bytes(0, 7), RawClient.text(filter)));
        if (filter.startsWith("devices/")) {
          // Of another identity.
          device.awaitClosed();
        } else {
          assertEquals(7, device.expect(RawClient.UNSUBACK).id(0));
        }
      }
    }
  }

  /** MQTT 3.1.1, 4.7.1: what is no filter is refused by itself. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a#", "#/a", "a/#/b", "a+", "+a/b", "##", "++"})
  void whatIsNoFilterIsRefused(String filter) throws Exception {
    try (RawClient device = client("d1")) {
      device.send(RawClient.subscribe(1, filter, 1));
      assertEquals(0x80, code(device.expect(RawClient.SUBACK), 0));
    }
  }

  @Test
  void aThousandSubscriptionsAreTheMost() throws Exception {
    try (RawClient device = client("d1")) {
      ByteArrayOutputStream filters = new ByteArrayOutputStream();
      for (int i = 0; i <= 1_000; i++) {
        filters.writeBytes(RawClient.text("t/" + i));
        filters.write(0);
      }
      device.send(RawClient.packet(0x82, RawClient.bytes(0, 1), filters.toByteArray()));
      Packet answer = device.expect(RawClient.SUBACK);
      for (int i = 0; i < 1_000; i++) {
        assertEquals(0, code(answer, i));
      }
      assertEquals(0x80, code(answer, 1_000));
      device.send(RawClient.subscribe(2, "t/1000", 0));
      assertEquals(0x80, code(device.expect(RawClient.SUBACK), 0));
      device.send(RawClient.subscribe(2, "t/3", 1));
      assertEquals(1, code(device.expect(RawClient.SUBACK), 0), "again what it has");
      device.send(RawClient.packet(0xA2, RawClient.bytes(0, 3), RawClient.text("t/5")));
      device.expect(RawClient.UNSUBACK);
      device.send(RawClient.subscribe(4, "t/1000", 1));
      assertEquals(1, code(device.expect(RawClient.SUBACK), 0));
      device.send(RawClient.publish("t/1000", 0, 0, false, BODY));
      device.expect(RawClient.PUBLISH);
    }
  }

  @Test
  void longFiltersAreBoundedTogether() throws Exception {
    try (RawClient device = client("d1", false)) {
      int granted = 0;
      for (int i = 0; i < 40; i++) {
        String filter = i % 2 == 0 ? "$iothub/methods/POST/" : "free/";
        device.send(RawClient.subscribe(1, filter + i + "x".repeat(60_000), 1));
        granted += code(device.expect(RawClient.SUBACK), 0) == 1 ? 1 : 0;
      }
      assertEquals(4, granted);
    }
  }

  /** Whom the hub refuses leaves nothing behind. */
  @Test
  void loginsThatTheHubRefusesLeaveNoSession() throws Exception {
    int before = site.server.inspect(broker -> broker.sessions().list().size());
    site.hub.refuse(new ConnectionRefusedException("not now", true));
    for (int i = 0; i < 100; i++) {
      try (RawClient device = new RawClient(site.port())) {
        device.send(RawClient.connectWithPassword("d" + i, i % 2 == 0));
        assertEquals(3, device.expect(RawClient.CONNACK).rest()[1]);
      }
    }
    Await.until("they have left", () -> site.connections() == 2);
    int after = site.server.inspect(broker -> broker.sessions().list().size());
    assertEquals(before, after);
    site.hub.refuse(null);
    try (RawClient device = withPassword(site, "d1")) {
      device.send(PING);
      device.expect(RawClient.PINGRESP);
    }
    assertFalse(site.store.queues().stream().anyMatch(name -> name.contains("d1")));
  }

  /** A store with a bug. */
  private static final class ThrowingTables implements TableStore {

    private final FakeStore store = new FakeStore();
    private final String word;

    ThrowingTables(String word) {
      this.word = word;
    }

    @Override
    public Table table(String name) {
      Table table = store.table(name);
      return new Table() {
        @Override
        public Optional<byte[]> get(String key) {
          return table.get(key);
        }

        @Override
        public Set<String> keys() {
          return table.keys();
        }

        @Override
        public CompletionStage<Void> put(String key, byte[] value) {
          if (new String(value, UTF_8).contains(word)) {
            throw new IllegalStateException("a bug, made for this test");
          }
          return table.put(key, value);
        }

        @Override
        public CompletionStage<Void> remove(String key) {
          return table.remove(key);
        }
      };
    }
  }
}
