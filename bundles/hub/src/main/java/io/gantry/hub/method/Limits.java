package io.gantry.hub.method;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.hub.json.JsonProblem;
import io.gantry.spi.method.MethodCall;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** What a call and its answer may be (IoT Hub, "Understand and invoke direct methods"). */
final class Limits {

  static final int MOST_NAME = 100;
  static final int MOST_PAYLOAD = 128 * 1024;
  static final Duration SHORTEST_RESPONSE = Duration.ofSeconds(5);
  static final Duration LONGEST = Duration.ofSeconds(300);

  /** What stands in a topic when the method is called over MQTT. */
  private static final Pattern NAME = Pattern.compile("[^/+#?\\p{Cntrl}]+");

  private static final int MOST_LEVELS = 128;

  private Limits() {}

  /**
   * Checks a call.
   *
   * @throws RequestException 400
   */
  static void check(MethodCall call) throws RequestException {
    String name = call.request().name();
    String subject = "Calling a method of " + call.target() + ": ";
    require(
        !name.isEmpty() && name.length() <= MOST_NAME,
        subject + "name: expected 1 to " + MOST_NAME + " characters, found " + name.length());
    require(
        NAME.matcher(name).matches(),
        subject + "name: expected none of / + # ? and no control characters");
    checkPayload(subject + "payload: ", call.request().payload());
    checkTime(subject + "response timeout: ", call.responseTimeout(), SHORTEST_RESPONSE);
    checkTime(subject + "connect timeout: ", call.connectTimeout(), Duration.ZERO);
  }

  /**
   * Checks an answer.
   *
   * @throws RequestException 400, as IoT Hub has it for answers that it does not understand
   */
  static void check(MethodCall call, MethodResponse response) throws RequestException {
    checkPayload(
        "Method " + call.request().name() + " of " + call.target() + ": its answer: ",
        response.payload());
  }

  private static void checkTime(String subject, Duration time, Duration shortest)
      throws RequestException {
    require(
        time.compareTo(shortest) >= 0 && time.compareTo(LONGEST) <= 0,
        subject
            + "expected "
            + shortest.toSeconds()
            + " to "
            + LONGEST.toSeconds()
            + " s, found "
            + BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString()
            + " s");
  }

  private static void checkPayload(String subject, String payload) throws RequestException {
    // No character has less than a byte: a text that is far too long need not be counted.
    long bytes =
        payload.length() > MOST_PAYLOAD ? payload.length() : payload.getBytes(UTF_8).length;
    require(bytes <= MOST_PAYLOAD, subject + "expected at most 128 KiB, found " + bytes + " bytes");
    try (JsonReader reader = new JsonReader(new StringReader(payload))) {
      reader.setStrictness(Strictness.STRICT);
      skip(reader);
    } catch (IOException | RuntimeException malformed) {
      throw new RequestException(
          400, subject + "expected JSON, found " + JsonProblem.found(malformed));
    }
  }

  /** Reads one value to its end and builds nothing. */
  private static void skip(JsonReader reader) throws IOException, RequestException {
    int level = 0;
    do {
      switch (reader.peek()) {
        case BEGIN_OBJECT -> {
          reader.beginObject();
          level++;
        }
        case BEGIN_ARRAY -> {
          reader.beginArray();
          level++;
        }
        case END_OBJECT -> {
          reader.endObject();
          level--;
        }
        case END_ARRAY -> {
          reader.endArray();
          level--;
        }
        case NAME -> reader.nextName();
        case BOOLEAN -> reader.nextBoolean();
        case NULL -> reader.nextNull();
        default -> reader.nextString();
      }
      require(level <= MOST_LEVELS, "expected at most " + MOST_LEVELS + " levels of JSON");
    } while (level > 0);
    require(reader.peek() == JsonToken.END_DOCUMENT, "expected one JSON value, found more");
  }

  private static void require(boolean holds, String otherwise) throws RequestException {
    if (!holds) {
      throw new RequestException(400, otherwise);
    }
  }
}
