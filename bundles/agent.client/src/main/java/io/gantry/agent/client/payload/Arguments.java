package io.gantry.agent.client.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JSON object that a caller gave. Names are compared without case, as the IoT Edge agent does:
 * its documentation itself spells them in several ways.
 */
public final class Arguments {

  private static final Logger LOG = LoggerFactory.getLogger(Arguments.class);

  private static final Pattern VERSION =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})(\\.\\d{1,9}){0,2}");
  private static final int MAJOR = 1;
  private static final int MINOR = 0;

  private final String place;
  private final JsonObject object;

  private Arguments(String place, JsonObject object) {
    this.place = place;
    this.object = object;
  }

  /** The payload of a method, of a version that we understand. */
  public static Arguments ofPayload(String payload) throws BadArgumentException {
    JsonElement json;
    try {
      json = JsonParser.parseString(payload);
    } catch (JsonParseException malformed) {
      throw new BadArgumentException("payload: expected JSON, found something else");
    }
    Arguments arguments = of("payload", json);
    arguments.requireVersion();
    return arguments;
  }

  /** An object within. */
  public static Arguments of(String place, JsonElement json) throws BadArgumentException {
    if (json instanceof JsonObject object) {
      return new Arguments(place, object);
    }
    throw expected(place, "an object", json);
  }

  private void requireVersion() throws BadArgumentException {
    String version = text("schemaVersion");
    Matcher form = VERSION.matcher(version);
    if (!form.matches() || Integer.parseInt(form.group(1)) != MAJOR) {
      throw new BadArgumentException(
          place + ".schemaVersion: expected " + MAJOR + "." + MINOR + ", found " + shown(version));
    }
    if (Integer.parseInt(form.group(2)) != MINOR) {
      LOG.warn("A method was called with schemaVersion {}; 1.0 is what we know", version);
    }
  }

  /** Where this stands, with the name of something in it. */
  public String place(String name) {
    return place + "." + name;
  }

  /** What is given by this name; empty for null, too. */
  public Optional<JsonElement> find(String name) {
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(name) && !entry.getValue().isJsonNull()) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }

  /** A text that must be given and not be blank. */
  public String text(String name) throws BadArgumentException {
    Optional<String> text = findText(name);
    if (text.isEmpty() || text.get().isBlank()) {
      throw new BadArgumentException(place(name) + ": expected a text, found none");
    }
    return text.get();
  }

  /** A text that may be given. */
  public Optional<String> findText(String name) throws BadArgumentException {
    Optional<JsonElement> value = find(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof JsonPrimitive primitive && primitive.isString()) {
      return Optional.of(primitive.getAsString());
    }
    throw expected(place(name), "a text", value.get());
  }

  /** An integer within bounds that may be given. */
  public Optional<Integer> findInteger(String name, int least, int most)
      throws BadArgumentException {
    Optional<JsonElement> value = find(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String wanted = "an integer from " + least + " to " + most;
    try {
      int number = value.get().getAsBigDecimal().intValueExact();
      if (value.get().isJsonPrimitive() && number >= least && number <= most) {
        return Optional.of(number);
      }
    } catch (ArithmeticException | NumberFormatException | UnsupportedOperationException other) {
      LOG.debug("Not {}", wanted, other);
    } catch (IllegalStateException array) {
      LOG.debug("Not {}", wanted, array);
    }
    throw expected(place(name), wanted, value.get());
  }

  /** A boolean that may be given. */
  public boolean findBoolean(String name) throws BadArgumentException {
    Optional<JsonElement> value = find(name);
    if (value.isEmpty()) {
      return false;
    }
    if (value.get() instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw expected(place(name), "true or false", value.get());
  }

  /** Whether the second of two words was given rather than the first or none. */
  public boolean isSecond(String name, String first, String second) throws BadArgumentException {
    String word = findText(name).orElse(first);
    if (word.equalsIgnoreCase(first) || word.equalsIgnoreCase(second)) {
      return word.equalsIgnoreCase(second);
    }
    throw new BadArgumentException(
        place(name) + ": expected " + first + " or " + second + ", found " + shown(word));
  }

  /** The error for something else than was expected. */
  static BadArgumentException expected(String place, String expected, JsonElement found) {
    return new BadArgumentException(
        place + ": expected " + expected + ", found " + shown(found.toString()));
  }

  private static String shown(String text) {
    return text.length() <= 50 ? text : text.substring(0, 50) + "...";
  }
}
