package io.gantry.hub.twin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.gantry.api.module.RequestException;
import io.gantry.hub.json.JsonProblem;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;

/**
 * Reads a patch that somebody sent, and holds the rules of IoT Hub for twins while it reads: the
 * depth is bounded before anything is built, so that no text makes it run out of stack or memory.
 *
 * <p>A {@code $version} is refused like any other name with a dollar sign. IoT Hub has it beside
 * the document; who writes it into a patch expects a comparison that nobody would do.
 */
final class PatchReader {

  /** Of the document as compact JSON in UTF-8. */
  static final int MOST_BYTES = 32 * 1024;

  /** Objects and arrays inside each other, the document itself not counted. */
  static final int MOST_LEVELS = 10;

  static final int MOST_NAME_BYTES = 1024;
  static final int MOST_VALUE_BYTES = 4096;
  static final long LARGEST_INTEGER = 1L << 52;

  /** White space is free, but not without end. */
  private static final int MOST_CHARACTERS = 8 * MOST_BYTES;

  private static final int MOST_DIGITS = 64;
  private static final int MOST_PATH = 200;

  private final String part;
  private final JsonReader reader;

  private PatchReader(String part, JsonReader reader) {
    this.part = part;
    this.reader = reader;
  }

  /**
   * Reads.
   *
   * @param part of the twin, for the error text
   * @throws RequestException 400, naming the path of what is wrong and the rule
   */
  static JsonObject read(String part, String text) throws RequestException {
    if (text.length() > MOST_CHARACTERS) {
      throw refused(part, "at most " + MOST_CHARACTERS + " characters", text.length());
    }
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      JsonObject patch = new PatchReader(part, reader).document();
      requireSize(part, patch);
      return patch;
    } catch (IOException | RuntimeException malformed) {
      throw refused(part, "JSON", JsonProblem.found(malformed));
    }
  }

  /** Holds the limit of a whole document. */
  static void requireSize(String part, JsonObject document) throws RequestException {
    int bytes = document.toString().getBytes(UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw refused(part, "at most " + MOST_BYTES + " bytes in all", bytes);
    }
  }

  private static RequestException refused(String place, String expected, Object found) {
    String path = place.length() > MOST_PATH ? place.substring(0, MOST_PATH) + "..." : place;
    return new RequestException(
        400, path + ": expected " + expected + ", found " + found + "; nothing has changed");
  }

  /** About what was read last. */
  private RequestException refused(String expected, Object found) {
    return refused(part + reader.getPreviousPath().substring(1), expected, found);
  }

  /** About what comes next. */
  private RequestException refusedNext(String expected, Object found) {
    return refused(part + reader.getPath().substring(1), expected, found);
  }

  private JsonObject document() throws IOException, RequestException {
    JsonToken first = reader.peek();
    if (first != JsonToken.BEGIN_OBJECT) {
      throw refusedNext("an object", first);
    }
    JsonObject document = object(0);
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw refused(part, "one object", "more behind it");
    }
    return document;
  }

  private JsonObject object(int level) throws IOException, RequestException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = name();
      if (object.has(name)) {
        throw refusedNext("each name once", "it twice");
      }
      object.add(name, value(level, false));
    }
    reader.endObject();
    return object;
  }

  private JsonArray array(int level) throws IOException, RequestException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(value(level, true));
    }
    reader.endArray();
    return array;
  }

  private String name() throws IOException, RequestException {
    String name = reader.nextName();
    int bytes = bytes(name);
    if (bytes > MOST_NAME_BYTES) {
      throw refusedNext("a name of at most " + MOST_NAME_BYTES + " bytes", bytes);
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' || c == '$' || c == '#' || c == ' ' || Character.isISOControl(c)) {
        throw refusedNext(
            "a name without . $ # blank and control characters", String.format("U+%04X", (int) c));
      }
    }
    return name;
  }

  private JsonElement value(int level, boolean inArray) throws IOException, RequestException {
    JsonToken token = reader.peek();
    return switch (token) {
      case BEGIN_OBJECT -> object(deeper(level));
      case BEGIN_ARRAY -> array(deeper(level));
      case STRING -> text();
      case NUMBER -> number();
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> nothing(inArray);
      default -> throw refusedNext("a value", token);
    };
  }

  private int deeper(int level) throws RequestException {
    if (level == MOST_LEVELS) {
      throw refusedNext("at most " + MOST_LEVELS + " levels", "more");
    }
    return level + 1;
  }

  private JsonElement nothing(boolean inArray) throws IOException, RequestException {
    if (inArray) {
      throw refusedNext("no null in an array", "one");
    }
    reader.nextNull();
    return JsonNull.INSTANCE;
  }

  private JsonElement text() throws IOException, RequestException {
    String text = reader.nextString();
    int bytes = bytes(text);
    if (bytes > MOST_VALUE_BYTES) {
      throw refused("a text of at most " + MOST_VALUE_BYTES + " bytes", bytes);
    }
    return new JsonPrimitive(text);
  }

  /** In UTF-8, in which half a surrogate pair would be lost. */
  private int bytes(String text) throws RequestException {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw refused("Unicode text", "half a surrogate pair");
    }
    return text.getBytes(UTF_8).length;
  }

  private JsonElement number() throws IOException, RequestException {
    String text = reader.nextString();
    if (text.matches("-?\\d+")) {
      return integer(text);
    }
    double value = Double.parseDouble(text);
    if (!Double.isFinite(value)) {
      throw refused("a number that a double can hold", "a larger one");
    }
    return text.length() > MOST_DIGITS
        ? new JsonPrimitive(value)
        : new JsonPrimitive(new BigDecimal(text));
  }

  private JsonElement integer(String text) throws RequestException {
    boolean fits = text.length() <= 17 && Math.abs(Long.parseLong(text)) <= LARGEST_INTEGER;
    if (!fits) {
      throw refused("an integer from " + -LARGEST_INTEGER + " to " + LARGEST_INTEGER, "one beyond");
    }
    return new JsonPrimitive(Long.parseLong(text));
  }
}
