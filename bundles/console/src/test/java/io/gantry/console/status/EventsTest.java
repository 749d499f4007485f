package io.gantry.console.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.upstream.EventLog;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventsTest {

  private static EventLog.Event event(Message message) {
    return new EventLog.Event(7, Instant.parse("2026-03-01T08:00:00.5Z"), message);
  }

  private static Message from(String device, Message message) {
    return message.withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, device);
  }

  @Test
  void aLineShowsSequenceTimeSenderPropertiesAndBody() {
    Message message =
        from("gateway", Message.json("{\"t\":1}"))
            .withSystemProperty(SystemProperty.CONNECTION_MODULE_ID, "filter")
            .withProperty("alert", "high")
            .withProperty("bare", null);
    assertEquals(
        "7  2026-03-01T08:00:00.500Z  gateway/filter  [alert=high, bare]  {\"t\":1}",
        Events.text(event(message)));
  }

  /** A device must not be able to clear the operator's screen or to invent a second line. */
  @Test
  void controlCharactersAreWrittenAsEscapes() {
    Message message =
        from("d", Message.of(Payload.ofText("a\nb"))).withProperty("p", "\u001b[2J\u202e");
    String line = Events.text(event(message));
    assertEquals("7  2026-03-01T08:00:00.500Z  d  [p=\\u001b[2J\\u202e]  a\\nb", line);
  }

  @Test
  void aBodyThatIsNoTextShowsItsLength() {
    Message message = from("d", Message.of(Payload.copyOf(new byte[] {(byte) 0xff, 1, 2})));
    assertEquals("7  2026-03-01T08:00:00.500Z  d  []  (3 bytes)", Events.text(event(message)));
  }

  @Test
  void jsonIsOneLineWithTheBodyAsText() {
    Message message = from("d", Message.json("{\n\"t\":1}")).withProperty("bare", null);
    String line = Events.json(event(message));
    assertFalse(line.contains("\n"));
    JsonObject json = JsonParser.parseString(line).getAsJsonObject();
    assertEquals(7, json.get("sequence").getAsLong());
    assertEquals("d", json.get("deviceId").getAsString());
    assertFalse(json.has("moduleId"));
    assertEquals("{\n\"t\":1}", json.get("body").getAsString());
    assertEquals(
        "application/json",
        json.getAsJsonObject("systemProperties").get("contentType").getAsString());
    assertEquals(true, json.getAsJsonObject("properties").get("bare").isJsonNull());
  }

  @Test
  void jsonCarriesOtherBodiesInBase64() {
    Message message = from("d", Message.of(Payload.copyOf(new byte[] {(byte) 0xff, 1})));
    JsonObject json = JsonParser.parseString(Events.json(event(message))).getAsJsonObject();
    assertEquals("/wE=", json.get("bodyBase64").getAsString());
    assertFalse(json.has("body"));
  }
}
