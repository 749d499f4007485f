package io.gantry.spi.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageCodecTest {

  private static final Identity THERMO = new DeviceIdentity("thermo1");
  private static final Identity FILTER = new ModuleIdentity("gateway", "filter");

  private static RoutedMessage routed(Identity sender, Message message) {
    return new RoutedMessage(
        "/messages", sender, Instant.ofEpochMilli(1_700_000_000_123L), message);
  }

  private static RoutedMessage again(RoutedMessage routed) throws IOException {
    return MessageCodec.decode(MessageCodec.encode(routed));
  }

  @Test
  void whatWasEncodedIsDecoded() throws IOException {
    Message message =
        Message.json("{\"t\":1}")
            .withProperty("line", "3")
            .withProperty("flag", null)
            .withSystemProperty(SystemProperty.MESSAGE_ID, "4711");
    assertEquals(routed(THERMO, message), again(routed(THERMO, message)));
    assertEquals(routed(FILTER, message), again(routed(FILTER, message)));
  }

  @Test
  void propertiesKeepTheirOrder() throws IOException {
    Message message =
        Message.of(Payload.EMPTY)
            .withProperty("z", "1")
            .withProperty("a", "2")
            .withProperty("m", "3");
    Message found = again(routed(THERMO, message)).message();
    assertEquals(List.of("z", "a", "m"), List.copyOf(found.properties().keySet()));
  }

  /** They take more bytes than characters, so the record is longer than was foreseen. */
  @Test
  void textsNeedNotBeAscii() throws IOException {
    Message message =
        Message.of(Payload.ofText("\u20ac"))
            .withProperty("stra\u00dfe", "\u6771\u4eac \ud83d\ude00".repeat(50))
            .withSystemProperty(SystemProperty.USER_ID, "\u00e4");
    assertEquals(routed(THERMO, message), again(routed(THERMO, message)));
  }

  /** Stores outlive updates: this form is on the disks of gateways. */
  @Test
  void theFormOnDiskStaysAsItIs() {
    Message message =
        Message.of(Payload.ofText("b")).withProperty("p", null).withSystemProperty("s", "v");
    String expected =
        "01"
            + "0000018bcfe5687b"
            + "00000009"
            + "2f6d65737361676573"
            + "00000007"
            + "67617465776179"
            + "00000006"
            + "66696c746572"
            + ("00000001" + "00000001" + "70" + "ffffffff")
            + ("00000001" + "00000001" + "73" + "00000001" + "76")
            + "62";
    assertEquals(expected, HexFormat.of().formatHex(MessageCodec.encode(routed(FILTER, message))));
  }

  /** A gateway reads millions of them. */
  @Test
  void namesOfSystemPropertiesAreNotMadeAgainForEachMessage() throws IOException {
    Message message =
        Message.of(Payload.EMPTY).withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "d");
    Message found = again(routed(THERMO, message)).message();
    assertSame(
        SystemProperty.CONNECTION_DEVICE_ID, found.systemProperties().keySet().iterator().next());
  }

  @Test
  void aRecordThatWasCutIsDamaged() {
    Message message = Message.of(Payload.EMPTY).withSystemProperty("messageId", "4711");
    byte[] record = MessageCodec.encode(routed(FILTER, message));
    for (int length = 0; length < record.length; length++) {
      byte[] cut = Arrays.copyOf(record, length);
      assertThrows(IOException.class, () -> MessageCodec.decode(cut));
    }
  }

  @Test
  void aRecordOfANewerVersionIsRefused() {
    byte[] record = MessageCodec.encode(routed(THERMO, Message.of(Payload.EMPTY)));
    record[0] = 2;
    assertThrows(IOException.class, () -> MessageCodec.decode(record));
  }
}
