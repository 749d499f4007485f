package io.gantry.console.management;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.routing.MessageSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message that a person has written down, or a line of {@code gantry events --json}: {@code
 * properties}, {@code systemProperties}, and the body as {@code body} (a text, or JSON, which needs
 * no content type then) or {@code bodyBase64}.
 */
final class MessageReader {

  /**
   * A message and where it comes from.
   *
   * @param source as given in {@code source}, or as its system properties say
   */
  record Given(String source, Message message) {}

  private final JsonObject json;

  private MessageReader(JsonObject json) {
    this.json = json;
  }

  static Given read(String text) throws ApiException {
    try {
      JsonElement json = JsonParser.parseString(text);
      if (json.isJsonObject()) {
        return new MessageReader(json.getAsJsonObject()).read();
      }
    } catch (JsonParseException malformed) {
      throw new ApiException(400, "the message is no JSON: " + malformed.getMessage());
    }
    throw new ApiException(400, "the message: expected a JSON object with body and properties");
  }

  private Given read() throws ApiException {
    Map<String, @Nullable String> properties = map("properties");
    Map<String, String> system = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable String> entry : map("systemProperties").entrySet()) {
      String value = entry.getValue();
      if (value == null) {
        throw new ApiException(
            400, "systemProperties." + entry.getKey() + ": expected a text, found null");
      }
      system.put(entry.getKey(), value);
    }
    Message message = new Message(body(system), properties, system);
    return new Given(source(message), message);
  }

  private Map<String, @Nullable String> map(String name) throws ApiException {
    Map<String, @Nullable String> map = new LinkedHashMap<>();
    JsonElement object = json.get(name);
    if (object == null) {
      return map;
    }
    if (!object.isJsonObject()) {
      throw new ApiException(400, name + ": expected an object, found " + object);
    }
    for (Map.Entry<String, JsonElement> entry : object.getAsJsonObject().entrySet()) {
      JsonElement value = entry.getValue();
      if (!value.isJsonNull() && !value.isJsonPrimitive()) {
        throw new ApiException(
            400, name + "." + entry.getKey() + ": expected a text, found " + value);
      }
      map.put(entry.getKey(), value.isJsonNull() ? null : value.getAsString());
    }
    return map;
  }

  private Payload body(Map<String, String> system) throws ApiException {
    JsonElement body = json.get("body");
    JsonElement base64 = json.get("bodyBase64");
    if (base64 != null) {
      try {
        return Payload.wrap(Base64.getDecoder().decode(base64.getAsString()));
      } catch (IllegalArgumentException | UnsupportedOperationException malformed) {
        throw new ApiException(400, "bodyBase64: expected Base64, found " + base64);
      }
    }
    if (body == null) {
      return Payload.EMPTY;
    }
    if (body.isJsonPrimitive() && body.getAsJsonPrimitive().isString()) {
      return Payload.ofText(body.getAsString());
    }
    system.putIfAbsent(SystemProperty.CONTENT_TYPE, "application/json");
    system.putIfAbsent(SystemProperty.CONTENT_ENCODING, "utf-8");
    return Payload.ofText(body.toString());
  }

  private String source(Message message) {
    JsonElement given = json.get("source");
    if (given != null && given.isJsonPrimitive()) {
      return given.getAsString();
    }
    Optional<String> module = message.systemProperty(SystemProperty.CONNECTION_MODULE_ID);
    Optional<String> output = message.systemProperty(SystemProperty.OUTPUT_NAME);
    if (module.isEmpty()) {
      return MessageSource.DEVICE;
    }
    return output.isPresent()
        ? MessageSource.moduleOutput(module.get(), output.get())
        : MessageSource.module(module.get());
  }
}
