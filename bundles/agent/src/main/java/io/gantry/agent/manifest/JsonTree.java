package io.gantry.agent.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads JSON as RFC 8259 has it and nothing more. Gson's own tree parser is lenient, keeps the last
 * of two equal names in silence and nests without limit; a manifest decides what runs on a plant,
 * so a doubtful one is refused here with the place of the doubt.
 */
final class JsonTree {

  static final int DEEPEST = 32;

  private static final int LONGEST_NUMBER = 64;
  private static final Pattern PLACE = Pattern.compile("at line (\\d+) column (\\d+)");

  private final String text;
  private final JsonReader reader;

  private JsonTree(String text) {
    this.text = text;
    reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
  }

  static JsonElement parse(String text) throws JsonSyntaxError {
    return new JsonTree(text).document();
  }

  private JsonElement document() throws JsonSyntaxError {
    try {
      JsonElement element = element(1);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new JsonSyntaxError(place(reader.toString()), "expected the end of the text");
      }
      return element;
    } catch (EOFException e) {
      throw new JsonSyntaxError(place(reader.toString()), "the text ends in the middle");
    } catch (MalformedJsonException e) {
      String message = String.valueOf(e.getMessage());
      throw new JsonSyntaxError(place(message), "not valid JSON" + hint(message));
    } catch (IOException e) {
      throw new IllegalStateException("a text in memory cannot fail to be read", e);
    }
  }

  private JsonElement element(int depth) throws IOException, JsonSyntaxError {
    if (depth > DEEPEST) {
      throw new JsonSyntaxError(
          place(reader.toString()), "nested deeper than " + DEEPEST + " levels");
    }
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(depth);
      case BEGIN_ARRAY -> array(depth);
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(number(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      default -> throw new JsonSyntaxError(place(reader.toString()), "expected a value");
    };
  }

  private JsonObject object(int depth) throws IOException, JsonSyntaxError {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (object.has(name)) {
        throw new JsonSyntaxError(
            place(reader.toString()), "the name " + Node.quote(name) + " is given twice");
      }
      object.add(name, element(depth + 1));
    }
    reader.endObject();
    return object;
  }

  private JsonArray array(int depth) throws IOException, JsonSyntaxError {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(element(depth + 1));
    }
    reader.endArray();
    return array;
  }

  private BigDecimal number(String text) throws JsonSyntaxError {
    try {
      if (text.length() <= LONGEST_NUMBER) {
        return new BigDecimal(text);
      }
    } catch (NumberFormatException e) {
      throw new JsonSyntaxError(place(reader.toString()), "the number's exponent is too large");
    }
    throw new JsonSyntaxError(
        place(reader.toString()), "a number of more than " + LONGEST_NUMBER + " characters");
  }

  /** What is wrong there, when it is one of the usual slips: tells of signs only, never of text. */
  private String hint(String message) {
    Matcher place = PLACE.matcher(message);
    if (!place.find()) {
      return "";
    }
    int start = 0;
    for (int line = Integer.parseInt(place.group(1)); line > 1; line--) {
      start = text.indexOf('\n', start) + 1;
    }
    // The reader stands behind the sign that it did not expect.
    int found = start + Integer.parseInt(place.group(2)) - 2;
    if (found < 0 || found >= text.length()) {
      return "";
    }
    String before = text.substring(0, found).stripTrailing();
    char last = before.isEmpty() ? '{' : before.charAt(before.length() - 1);
    return switch (text.charAt(found)) {
      case '}', ']' -> last == ',' ? ": a comma stands before " + text.charAt(found) : "";
      case ',' -> last == ',' ? ": a comma stands before a comma" : "";
      case '"' -> ",:{[".indexOf(last) < 0 ? ": a comma or a colon is missing" : "";
      case '\'' -> ": expected quotation marks, found an apostrophe";
      case '/', '#' -> ": comments are not possible";
      default -> "";
    };
  }

  private static String place(String text) {
    Matcher place = PLACE.matcher(text);
    return place.find() ? "line " + place.group(1) + ", column " + place.group(2) : "unknown place";
  }
}
