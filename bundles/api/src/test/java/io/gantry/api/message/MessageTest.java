package io.gantry.api.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

  @Test
  void aMessageDoesNotFollowTheMapsItWasMadeFrom() {
    Map<String, String> properties = new HashMap<>(Map.of("level", "high"));
    Message message = new Message(Payload.EMPTY, properties, Map.of());
    properties.put("level", "low");
    assertEquals(Optional.of("high"), message.property("level"));
    assertThrows(
        UnsupportedOperationException.class, () -> message.properties().put("level", "low"));
  }

  /** As a concurrent map may do, whose size is out of date when it is told. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5})
  void aMapThatChangesMeanwhileIsCopiedAsItWasFound(int told) {
    Map<String, String> found = Map.of("a", "1", "b", "2");
    Map<String, String> changing =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, String>> entrySet() {
            return found.entrySet();
          }

          @Override
          public int size() {
            return told;
          }

          @Override
          public boolean isEmpty() {
            return false;
          }
        };
    assertEquals(found, Map.copyOf(new Message(Payload.EMPTY, changing, Map.of()).properties()));
  }

  @Test
  void theBytesBehindABodyCannotBeReached() {
    byte[] bytes = {1, 2, 3};
    Payload body = Payload.copyOf(bytes);
    bytes[0] = 9;
    body.toBytes()[1] = 9;
    assertThrows(ReadOnlyBufferException.class, () -> body.asByteBuffer().put(0, (byte) 9));
    assertEquals(Payload.copyOf(new byte[] {1, 2, 3}), body);
  }

  @Test
  void aBodyTakenFromABufferLeavesTheBufferAlone() {
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {0, 1, 2, 3}).position(2);
    assertEquals(Payload.copyOf(new byte[] {2, 3}), Payload.copyOf(buffer));
    assertEquals(2, buffer.position());
  }

  /** A property bag may carry a name without a value; it is present and has none. */
  @Test
  void aPropertyMayHaveNoValue() {
    Message message = Message.of(Payload.EMPTY).withProperty("flag", null);
    assertTrue(message.properties().containsKey("flag"));
    assertEquals(Optional.empty(), message.property("flag"));
    assertEquals(4, message.size());
  }

  @Test
  void aSystemPropertyMustHaveAValue() {
    Map<String, String> withNull = new HashMap<>();
    withNull.put(SystemProperty.MESSAGE_ID, null);
    assertThrows(NullPointerException.class, () -> new Message(Payload.EMPTY, Map.of(), withNull));
  }

  @Test
  void jsonIsMarkedSoThatRoutesCanLookIntoIt() {
    Message message = Message.json("{\"t\":1}");
    assertEquals(
        Optional.of("application/json"), message.systemProperty(SystemProperty.CONTENT_TYPE));
    assertEquals(Optional.of("utf-8"), message.systemProperty(SystemProperty.CONTENT_ENCODING));
    assertEquals("{\"t\":1}", message.body().asText());
  }

  @Test
  void propertiesKeepTheOrderTheyWereSetIn() {
    Message message =
        Message.of(Payload.EMPTY)
            .withProperty("z", "1")
            .withProperty("a", "2")
            .withProperty("m", "3");
    assertEquals(List.of("z", "a", "m"), List.copyOf(message.properties().keySet()));
  }

  /** However many there are: a map of few is another one than a map of many. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 12, 13, 40})
  void propertiesAreAMapLikeAnyOther(int count) {
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      given.put("name" + i, i == 1 ? null : "value" + i);
    }
    Map<String, String> found = new Message(Payload.EMPTY, given, Map.of()).properties();
    assertEquals(given, found);
    assertEquals(found, given);
    assertEquals(given.hashCode(), found.hashCode());
    assertEquals(given.size(), found.size());
    assertEquals(List.copyOf(given.keySet()), List.copyOf(found.keySet()));
    Map<String, String> visited = new LinkedHashMap<>();
    found.forEach(visited::put);
    assertEquals(given, visited);
    given.forEach((name, value) -> assertEquals(value, found.get(name)));
    given.keySet().forEach(name -> assertTrue(found.containsKey(name)));
    assertFalse(found.containsKey("other"));
    assertNull(found.get("other"));
    assertThrows(UnsupportedOperationException.class, () -> found.put("other", "x"));
    assertThrows(UnsupportedOperationException.class, () -> found.remove("other"));
    Iterator<String> names = found.keySet().iterator();
    for (int i = 0; i < count; i++) {
      names.next();
      assertThrows(UnsupportedOperationException.class, names::remove);
    }
    assertThrows(NoSuchElementException.class, names::next);
  }

  @Test
  void aPropertyMustHaveAName() {
    Map<String, String> nameless = new HashMap<>();
    nameless.put(null, "x");
    assertThrows(NullPointerException.class, () -> new Message(Payload.EMPTY, nameless, Map.of()));
  }

  /** Body 5, "level" and "high" 9, "messageId" and "7" 10. */
  @Test
  void theSizeCountsBodyNamesAndValues() {
    Message message =
        Message.of(Payload.ofText("hello"))
            .withProperty("level", "high")
            .withSystemProperty(SystemProperty.MESSAGE_ID, "7");
    assertEquals(24, message.size());
  }

  @Test
  void neitherBodyNorSecretInItReachesALogLine() {
    assertFalse(Message.of(Payload.ofText("secret")).toString().contains("secret"));
  }
}
