package io.gantry.itest.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.Await;
import io.gantry.itest.distribution.Identities;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT 3.1.1 says of sessions: clean and persistent ones, and connections that break. */
@ExtendWith(SharedBroker.class)
class SessionsIT {

  private static final int PUBLISH = 3;
  private static final int PUBREC = 5;
  private static final int PUBREL = 6;
  private static final int PUBCOMP = 7;
  private static final int DUP = 8;

  private final Broker broker;

  SessionsIT(Broker broker) {
    this.broker = broker;
  }

  @ParameterizedTest
  @CsvSource({"PAHO,PLAIN,1", "PAHO,PLAIN,2", "HIVE,PLAIN,1", "HIVE,PLAIN,2", "HIVE,TLS,1"})
  void aPersistentSessionGetsWhatCameWhileItsClientWasAway(Library library, Door door, int qos)
      throws Exception {
    String topic = "plant/news-" + library + door + qos;
    String id = "stayer-" + library + door + qos;
    try (ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      try (ThirdPartyClient stayer = broker.client(library, door, id)) {
        assertFalse(stayer.connect(false));
        stayer.subscribe(topic, qos);
        stayer.disconnect();
        for (int i = 0; i < 200; i++) {
          writer.publish(topic, "n" + i, qos, false);
        }
        assertTrue(stayer.connect(false), "the broker has kept the session");
        for (int i = 0; i < 200; i++) {
          assertEquals(new Arrived(topic, "n" + i, qos, false), stayer.next());
        }
        // The subscription is still there.
        writer.publish(topic, "now", qos, false);
        assertEquals(new Arrived(topic, "now", qos, false), stayer.next());
      }
      // Who asks for a clean session gets one, and nothing of the former.
      writer.publish(topic, "missed", qos, false);
      try (ThirdPartyClient fresh = broker.client(library, door, id)) {
        assertFalse(fresh.connect(true));
        fresh.subscribe(topic, qos);
        writer.publish(topic, "after", qos, false);
        assertEquals(new Arrived(topic, "after", qos, false), fresh.next());
        fresh.disconnect();
        assertFalse(fresh.connect(false), "a clean session is over with its connection");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Library.class)
  void aPersistentSessionForgetsWhatItWasUnsubscribedFrom(Library library) throws Exception {
    String root = "plant/less-" + library;
    try (ThirdPartyClient writer = broker.connect(library.other(), "writer");
        ThirdPartyClient stayer = broker.client(library, Door.PLAIN, "less-" + library)) {
      stayer.connect(false);
      stayer.subscribe(root + "/a", 1);
      stayer.subscribe(root + "/b", 1);
      stayer.unsubscribe(root + "/a");
      stayer.disconnect();
      writer.publish(root + "/a", "not wanted", 1, false);
      writer.publish(root + "/b", "wanted", 1, false);
      assertTrue(stayer.connect(false));
      assertEquals(new Arrived(root + "/b", "wanted", 1, false), stayer.next());
    }
  }

  /**
   * At QoS 1 some may come again, at QoS 2 none; in the order in which they were sent. A reader by
   * Paho, whose connection ends with each kill of the process, is in the crash test of sessions.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nothingIsMissingForAReaderWhoseConnectionBreaksAgainAndAgain(int qos) throws Exception {
    String topic = "plant/broken-" + qos;
    int messages = 300;
    Target target = broker.target(Door.PLAIN);
    HiveThirdParty writer = new HiveThirdParty(target, broker.known("writer"), "writer");
    try (Cable cable = Cable.to(target.port());
        writer) {
      writer.connect(true);
      List<Integer> got = new ArrayList<>();
      ThirdPartyClient reader =
          Library.HIVE.client(target.by(cable), broker.known("broken-" + qos));
      reader.connect(false);
      reader.subscribe(topic, qos);
      for (int i = 0; i < messages; i++) {
        writer.publishing(topic, Integer.toString(i).getBytes(StandardCharsets.UTF_8), qos, false);
        if (i % 75 == 74) {
          got.add(Integer.valueOf(reader.next().body()));
          cable.cut();
          Await.until("the reader is cut off", ThirdPartyClient.LIMIT, () -> !reader.isConnected());
          assertTrue(reader.connect(false), "the broker has kept the session");
        }
      }
      while (got.isEmpty() || got.get(got.size() - 1) != messages - 1) {
        got.add(Integer.valueOf(reader.next().body()));
      }
      List<Integer> expected = IntStream.range(0, messages).boxed().toList();
      assertEquals(expected, qos == 2 ? got : List.copyOf(new LinkedHashSet<>(got)));
      reader.disconnect();
    }
  }

  private RawClient persistent(String id) throws Exception {
    return RawClient.open(broker.port()).login(RawClient.connect(broker.known(id), 0, 0));
  }

  /** MQTT 3.1.1, 4.4: under the same packet id, with DUP. */
  @Test
  void whatWasNotAcknowledgedComesAgainWithDup() throws Exception {
    String topic = "plant/again";
    RawClient.Packet first;
    try (ThirdPartyClient writer = broker.connect(Library.PAHO, "writer");
        RawClient reader = persistent("forgetful")) {
      reader.subscribe(topic);
      writer.publish(topic, "one", 1, false);
      first = reader.expect(PUBLISH);
      assertEquals(0, first.first() & DUP);
    }
    try (RawClient reader = persistent("forgetful")) {
      RawClient.Packet again = reader.expect(PUBLISH);
      assertEquals(DUP, again.first() & DUP);
      assertEquals("one", again.body());
      assertEquals(first.publishId(), again.publishId());
      reader.send(RawClient.acknowledgement(again.publishId()));
      reader.disconnect();
    }
    try (ThirdPartyClient writer = broker.connect(Library.HIVE, "writer");
        RawClient reader = persistent("forgetful")) {
      writer.publish(topic, "two", 1, false);
      RawClient.Packet next = reader.expect(PUBLISH);
      assertEquals("two", next.body());
      assertEquals(0, next.first() & DUP);
    }
  }

  /** MQTT 3.1.1, 4.3.3: before PUBREC the message comes again, behind it PUBREL. */
  @Test
  void aMessageOfQos2GoesOnWhereItsConnectionBroke() throws Exception {
    String topic = "plant/steps";
    int id;
    try (ThirdPartyClient writer = broker.connect(Library.PAHO, "writer");
        RawClient reader = persistent("stepwise")) {
      reader.subscribe(topic, 2);
      writer.publish(topic, "one", 2, false);
      id = reader.expect(PUBLISH).publishId();
    }
    try (RawClient reader = persistent("stepwise")) {
      RawClient.Packet again = reader.expect(PUBLISH);
      assertEquals(DUP, again.first() & DUP);
      assertEquals(id, again.publishId());
      reader.send(RawClient.packet(0x50, RawClient.bytes(id >> 8, id)));
      assertEquals(id, reader.expect(PUBREL).number(0));
    }
    try (RawClient reader = persistent("stepwise")) {
      assertEquals(id, reader.expect(PUBREL).number(0));
      reader.send(RawClient.packet(0x70, RawClient.bytes(id >> 8, id)));
      reader.disconnect();
    }
    try (ThirdPartyClient writer = broker.connect(Library.PAHO, "writer");
        RawClient reader = persistent("stepwise")) {
      writer.publish(topic, "two", 2, false);
      assertEquals("two", reader.expect(PUBLISH).body());
    }
  }

  /** MQTT 3.1.1, 4.3.3: it was passed on when it came first. */
  @Test
  void aMessageOfQos2ThatIsSentAgainIsPassedOnOnce() throws Exception {
    String topic = "plant/once";
    int id = 7;
    byte[] body = "one".getBytes(StandardCharsets.UTF_8);
    byte[] name = RawClient.text(topic);
    byte[] number = RawClient.bytes(0, id);
    try (ThirdPartyClient reader = broker.connect(Library.HIVE, "reader")) {
      reader.subscribe(topic, 2);
      try (RawClient writer = persistent("repeating")) {
        writer.send(RawClient.packet(0x34, name, number, body));
        assertEquals(id, writer.expect(PUBREC).number(0));
        assertEquals(new Arrived(topic, "one", 2, false), reader.next());
        writer.send(RawClient.packet(0x3C, name, number, body));
        assertEquals(id, writer.expect(PUBREC).number(0));
      }
      try (RawClient writer = persistent("repeating")) {
        writer.send(RawClient.packet(0x3C, name, number, body));
        assertEquals(id, writer.expect(PUBREC).number(0));
        writer.send(RawClient.packet(0x62, number));
        assertEquals(id, writer.expect(PUBCOMP).number(0));
        // The same id is free for another message now.
        writer.send(RawClient.packet(0x34, name, number, "two".getBytes(StandardCharsets.UTF_8)));
        assertEquals(id, writer.expect(PUBREC).number(0));
      }
      assertEquals(new Arrived(topic, "two", 2, false), reader.next());
      assertEquals(0, reader.waiting());
    }
  }

  /** MQTT 3.1.1, 3.1.4: the first goes. Its session, if it stays, is the second's. */
  @ParameterizedTest
  @CsvSource({"PAHO,PLAIN,TLS", "HIVE,PLAIN,TLS", "PAHO,TLS,PLAIN", "HIVE,PLAIN,PLAIN"})
  void aSecondConnectionOfAClientEndsTheFirstAndTakesItsSession(
      Library library, Door before, Door after) throws Exception {
    String id = "moving-" + library + before + after;
    String topic = "plant/" + id;
    ThirdPartyClient first = broker.client(library, before, id);
    first.connect(false);
    first.subscribe(topic, 1);
    try (ThirdPartyClient writer = broker.connect(library, "writer");
        ThirdPartyClient second = broker.client(library.other(), after, id)) {
      assertTrue(second.connect(false), "the session goes on");
      Await.until("the first is cut off", ThirdPartyClient.LIMIT, () -> !first.isConnected());
      writer.publish(topic, "for the second", 1, false);
      assertEquals(new Arrived(topic, "for the second", 1, false), second.next());
      assertTrue(second.isConnected());
      assertEquals(0, first.waiting());
    }
  }

  /** MQTT 3.1.1, 3.1.3.1; here the user name says who it is. */
  @ParameterizedTest
  @EnumSource(Library.class)
  void aClientIdMayBeEmptyWithACleanSessionOnly(Library library) throws Exception {
    Target target = broker.target(Door.PLAIN);
    try (ThirdPartyClient nameless = library.client(target, broker.known("nameless"), "");
        ThirdPartyClient writer = broker.connect(library.other(), "writer")) {
      assertFalse(nameless.connect(true));
      nameless.subscribe("nameless/#", 1);
      nameless.subscribe("plant/nameless", 1);
      writer.publish("plant/nameless", "hello", 1, false);
      assertEquals(new Arrived("plant/nameless", "hello", 1, false), nameless.next());
    }
    byte[] persistent =
        RawClient.packet(
            0x10,
            RawClient.text("MQTT"),
            RawClient.bytes(4, 0xC0, 0, 0),
            RawClient.text(""),
            RawClient.text("nameless"),
            RawClient.text(Identities.token("nameless")));
    try (RawClient client = RawClient.open(broker.port())) {
      assertEquals(2, client.attempt(persistent));
      client.awaitClosed();
    }
  }
}
