package io.gantry.console.status;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.upstream.EventLog;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event in one line. */
public final class Events {

  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private Events() {}

  /** Sequence number, time, sender, properties, and the body or its length. */
  public static String text(EventLog.Event event) {
    Message message = event.message();
    return event.sequence()
        + "  "
        + event.enqueuedTime()
        + "  "
        + PlainText.escaped(sender(message))
        + "  "
        + PlainText.escaped(properties(message.properties()))
        + "  "
        + body(message.body());
  }

  /** Device, or device and module. */
  public static String sender(Message message) {
    String device = message.systemProperty(SystemProperty.CONNECTION_DEVICE_ID).orElse("?");
    return message
        .systemProperty(SystemProperty.CONNECTION_MODULE_ID)
        .map(module -> device + "/" + module)
        .orElse(device);
  }

  /** Application properties in brackets. */
  static String properties(Map<String, @Nullable String> properties) {
    List<String> texts = new ArrayList<>();
    properties.forEach((name, value) -> texts.add(value == null ? name : name + "=" + value));
    return texts.toString();
  }

  static String body(Payload body) {
    return PlainText.of(body)
        .map(PlainText::escaped)
        .orElseGet(() -> "(" + body.size() + " bytes)");
  }

  /**
   * One JSON object without a line break: {@code sequence}, {@code enqueuedTime}, {@code deviceId},
   * {@code moduleId} when a module sent it, {@code properties}, {@code systemProperties}, and
   * {@code body} as a string, or {@code bodyBase64} when it is no text.
   */
  public static String json(EventLog.Event event) {
    Message message = event.message();
    JsonObject json = new JsonObject();
    json.addProperty("sequence", event.sequence());
    json.addProperty("enqueuedTime", event.enqueuedTime().toString());
    put(json, message);
    return GSON.toJson(json);
  }

  /** The members of a message. */
  static void put(JsonObject json, Message message) {
    message
        .systemProperty(SystemProperty.CONNECTION_DEVICE_ID)
        .ifPresent(device -> json.addProperty("deviceId", device));
    message
        .systemProperty(SystemProperty.CONNECTION_MODULE_ID)
        .ifPresent(module -> json.addProperty("moduleId", module));
    json.add("properties", object(message.properties()));
    json.add("systemProperties", object(message.systemProperties()));
    Optional<String> text = PlainText.of(message.body());
    if (text.isPresent()) {
      json.addProperty("body", text.get());
    } else {
      json.addProperty("bodyBase64", Base64.getEncoder().encodeToString(message.body().toBytes()));
    }
  }

  private static JsonObject object(Map<String, ? extends @Nullable String> map) {
    JsonObject object = new JsonObject();
    map.forEach((name, value) -> object.add(name, primitive(value)));
    return object;
  }

  private static JsonElement primitive(@Nullable String value) {
    return value == null ? JsonNull.INSTANCE : new JsonPrimitive(value);
  }
}
