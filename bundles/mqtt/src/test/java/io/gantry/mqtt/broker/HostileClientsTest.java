package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.metrics.DropReason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileClientsTest {

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

  /** MQTT 3.1.1, 3.1: a second CONNECT is a protocol violation. */
  @Test
  void aSecondConnectClosesTheConnection() throws Exception {
    try (RawClient device = client("d1")) {
      device.send(RawClient.connect("d1", true));
      assertThrows(IOException.class, device::read);
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  @Test
  void theNewerConnectionOfAClientIdWins() throws Exception {
    try (RawClient first = client("d1")) {
      try (RawClient second = client("d1")) {
        assertThrows(IOException.class, first::read);
        second.send(RawClient.subscribe(1, "a", 1));
        second.expect(RawClient.SUBACK);
        second.send(RawClient.publish("a", 0, 0, false, new byte[0]));
        second.expect(RawClient.PUBLISH);
      }
    }
    Await.until("both are gone", () -> site.connections() == 0);
  }

  @Test
  void anythingButConnectAtTheBeginningClosesTheConnection() throws Exception {
    try (RawClient stranger = new RawClient(site.port())) {
      stranger.send(RawClient.publish("a", 0, 0, false, new byte[0]));
      assertThrows(IOException.class, stranger::read);
    }
  }

  @Test
  void whoSaysNothingIsSentAwayAfterAMinute() throws Exception {
    try (RawClient silent = new RawClient(site.port());
        RawClient device = client("d1")) {
      Await.until("both are there", () -> site.connections() == 2);
      site.time.advance(Duration.ofSeconds(61));
      silent.awaitClosed();
      device.send(RawClient.bytes(0xC0, 0));
      device.expect(RawClient.PINGRESP);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0001b"})
  void aClientIdThatCannotBeUsedIsRejected(String id) throws Exception {
    try (RawClient client = new RawClient(site.port())) {
      client.send(RawClient.connect(id, false));
      try {
        assertEquals(2, client.expect(RawClient.CONNACK).rest()[1]);
      } catch (IOException closedByTheDecoder) {
        assertEquals(1, site.drops.of(DropReason.REFUSED));
      }
    }
  }

  @Test
  void aClientWithoutAnIdGetsOne() throws Exception {
    try (RawClient one = client("");
        RawClient two = client("")) {
      one.send(RawClient.subscribe(1, "a", 0));
      one.expect(RawClient.SUBACK);
      two.send(RawClient.publish("a", 0, 0, false, new byte[0]));
      one.expect(RawClient.PUBLISH);
    }
  }

  @Test
  void aClientOfMqtt5IsToldThatItsVersionIsNotSpoken() throws Exception {
    try (RawClient client = new RawClient(site.port())) {
      client.send(
          RawClient.packet(
              0x10, RawClient.text("MQTT"), RawClient.bytes(5, 2, 0, 60, 0), RawClient.text("d1")));
      assertEquals((byte) 0x84, client.expect(RawClient.CONNACK).rest()[1]);
      assertThrows(IOException.class, client::read);
    }
  }

  @Test
  void aPacketThatIsTooLargeClosesTheConnectionAndIsCounted() throws Exception {
    try (RawClient device = client("d1")) {
      byte[] large = RawClient.publish("a", 1, 1, false, new byte[Limits.MAX_PACKET + 1]);
      try {
        device.send(large);
      } catch (IOException alreadyClosed) {
        // The server need not read it all.
      }
      device.awaitClosed();
    }
    assertEquals(Map.of(DropReason.TOO_LARGE, 1L), site.drops.counts());
    try (RawClient device = client("d1")) {
      byte[] largest = RawClient.publish("a", 1, 1, false, new byte[256 * 1024]);
      device.send(largest);
      device.expect(RawClient.PUBACK);
    }
  }

  @Test
  void topicsAndFiltersOfTooManyLevelsAreRefused() throws Exception {
    String deep = "a/".repeat(5000);
    try (RawClient device = client("d1")) {
      device.send(RawClient.subscribe(1, deep, 1));
      assertEquals((byte) 0x80, device.expect(RawClient.SUBACK).rest()[2]);
      device.send(RawClient.publish(deep, 1, 1, false, new byte[0]));
      assertThrows(IOException.class, device::read);
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  /** A message that the client sends again after a lost connection may be the first to arrive. */
  @Test
  void aMessageMarkedAsDuplicateIsDelivered() throws Exception {
    try (RawClient reader = client("reader");
        RawClient writer = client("writer")) {
      reader.send(RawClient.subscribe(1, "a", 2));
      reader.expect(RawClient.SUBACK);
      writer.send(RawClient.publish("a", 1, 4, true, new byte[0]));
      assertEquals(4, writer.expect(RawClient.PUBACK).id(0));
      reader.expect(RawClient.PUBLISH);
    }
  }

  @Test
  void aMessageOfQos2IsDeliveredOnceHoweverOftenItIsSent() throws Exception {
    try (RawClient reader = client("reader");
        RawClient writer = client("writer")) {
      reader.send(RawClient.subscribe(1, "a", 0));
      reader.expect(RawClient.SUBACK);
      byte[] one = "1".getBytes(UTF_8);
      writer.send(
          RawClient.publish("a", 2, 4, false, one), RawClient.publish("a", 2, 4, true, one));
      assertEquals(4, writer.expect(RawClient.PUBREC).id(0));
      assertEquals(4, writer.expect(RawClient.PUBREC).id(0));
      writer.send(RawClient.ack(0x62, 4), RawClient.publish("a", 2, 4, false, new byte[0]));
      writer.expect(RawClient.PUBCOMP);
      assertEquals(4, reader.expect(RawClient.PUBLISH).rest().length);
      assertEquals(3, reader.expect(RawClient.PUBLISH).rest().length);
    }
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
          RawClient.bytes(0xC0, 0));
      assertEquals(78, device.expect(RawClient.PUBCOMP).id(0));
      Packet release = device.read();
      assertEquals(0x62, release.first());
      assertEquals(79, release.id(0));
      device.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void damagedPacketsHarmOnlyTheConnectionTheyCameOn() throws Exception {
    List<byte[]> seeds =
        List.of(
            RawClient.connect("fuzz", true),
            RawClient.publish("a/b", 1, 3, false, "x".getBytes(UTF_8)),
            RawClient.publish("devices/fuzz/messages/events/a=b", 1, 4, false, new byte[3]),
            RawClient.publish("a/b", 2, 5, false, new byte[9]),
            RawClient.subscribe(6, "a/#", 2),
            RawClient.packet(0xA2, RawClient.bytes(0, 7), RawClient.text("a/#")),
            RawClient.ack(0x40, 1),
            RawClient.ack(0x50, 1),
            RawClient.ack(0x62, 1),
            RawClient.bytes(0xC0, 0),
            RawClient.bytes(0xE0, 0));
    Random random = new Random(20260101);
    Inbox inbox = new Inbox();
    try (MqttClient bystander = site.connect("bystander")) {
      bystander.subscribe("quiet/#", 1, inbox);
      for (int round = 0; round < 3000; round++) {
        attack(seeds, random, round % 3 == 0);
        if (round % 100 == 0) {
          bystander.publish("quiet/" + round, new byte[0], 1, false);
          inbox.assertNext("quiet/" + round, "");
        }
      }
      Await.until("only the bystander is left", () -> site.connections() == 1);
      bystander.publish("quiet/end", new byte[0], 2, false);
      inbox.assertNext("quiet/end", "");
      assertTrue(site.drops.of(DropReason.REFUSED) > 100);
      bystander.disconnect();
    }
  }

  private void attack(List<byte[]> seeds, Random random, boolean atOnce) throws IOException {
    try (RawClient attacker = new RawClient(site.port())) {
      if (!atOnce) {
        attacker.login("fuzz" + random.nextInt(5), random.nextBoolean());
      }
      for (int i = 0; i < 5; i++) {
        byte[] packet = seeds.get(random.nextInt(seeds.size())).clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
        }
        attacker.send(packet);
      }
    } catch (IOException closed) {
      // That is the server's good right.
    }
  }
}
