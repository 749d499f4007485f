package io.gantry.web.method;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.RequestException;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.method.MethodCall;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of a call (IoT Hub, "Understand and invoke direct methods"). Fields that are not known
 * are left alone; the limits are checked by whoever carries the call out.
 */
final class CallBody {

  private @Nullable String name;
  private String payload = "null";
  private Duration responseTimeout = MethodCall.RESPONSE_TIMEOUT;
  private Duration connectTimeout = Duration.ZERO;

  private CallBody() {}

  /** Reads one. */
  static MethodCall parse(Identity target, byte[] body) throws RequestException {
    CallBody call = new CallBody();
    try (JsonReader reader = new JsonReader(new StringReader(text(body)))) {
      reader.setStrictness(Strictness.STRICT);
      call.read(reader);
    } catch (IOException | JsonParseException | IllegalStateException malformed) {
      throw new RequestException(400, "body: expected a JSON object of a method call");
    }
    if (call.name == null) {
      throw new RequestException(400, "body: expected methodName, found none");
    }
    MethodRequest request = new MethodRequest(call.name, call.payload);
    return new MethodCall(target, request, call.responseTimeout, call.connectTimeout);
  }

  private static String text(byte[] body) throws RequestException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new RequestException(400, "body: expected UTF-8");
    }
  }

  private void read(JsonReader reader) throws IOException, RequestException {
    Set<String> seen = new HashSet<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      if (!seen.add(field)) {
        throw new RequestException(400, "body: expected each field once");
      }
      switch (field) {
        case "methodName" -> name = text(reader, field);
        case "payload" -> payload = JsonParser.parseReader(reader).toString();
        case "responseTimeoutInSeconds" -> responseTimeout = seconds(reader, responseTimeout);
        case "connectTimeoutInSeconds" -> connectTimeout = seconds(reader, connectTimeout);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new RequestException(400, "body: expected nothing behind the JSON object");
    }
  }

  private static String text(JsonReader reader, String field) throws IOException, RequestException {
    if (reader.peek() != JsonToken.STRING) {
      throw new RequestException(400, "body: " + field + ": expected a text");
    }
    return reader.nextString();
  }

  /** SDKs write null for what the application did not set. */
  private static Duration seconds(JsonReader reader, Duration otherwise)
      throws IOException, RequestException {
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return otherwise;
    }
    try {
      if (reader.peek() == JsonToken.NUMBER) {
        return Duration.ofSeconds(reader.nextInt());
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new RequestException(400, "body: time-outs: expected whole numbers of seconds");
  }
}
