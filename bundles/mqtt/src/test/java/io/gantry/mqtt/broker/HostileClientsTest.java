package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.spi.metrics.DropReason;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
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
      assertEquals(2, client.expect(RawClient.CONNACK).rest()[1]);
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
}
