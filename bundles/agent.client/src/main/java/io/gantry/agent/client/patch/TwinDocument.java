package io.gantry.agent.client.patch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a document fit into a twin (IoT Hub, "Tags and properties format"): its names, the length
 * of its texts, and its size. What an operator wrote into a manifest must not keep the state of all
 * modules from being reported.
 */
public final class TwinDocument {

  private static final int MOST_BYTES = 32 * 1024;
  private static final int MOST_TEXT_BYTES = 4096;
  private static final String CUT = "...";

  /** What goes first from each module when the whole is too large. */
  private static final List<String> LESS_IMPORTANT =
      List.of("env", "settings", "statusDescription");

  private TwinDocument() {}

  /** The document as a twin can hold it; the same when it can. */
  public static JsonObject of(JsonObject document) {
    JsonObject fitting = (JsonObject) fit(document);
    for (String name : LESS_IMPORTANT) {
      if (bytes(fitting.toString()) <= MOST_BYTES) {
        return fitting;
      }
      if (fitting.get("modules") instanceof JsonObject modules) {
        modules.asMap().values().forEach(module -> module.getAsJsonObject().remove(name));
      }
    }
    return fitting;
  }

  private static JsonElement fit(JsonElement element) {
    if (element instanceof JsonObject object) {
      JsonObject fitting = new JsonObject();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        fitting.add(name(entry.getKey()), fit(entry.getValue()));
      }
      return fitting;
    }
    if (element instanceof JsonArray array) {
      JsonArray fitting = new JsonArray();
      array.forEach(inner -> fitting.add(fit(inner)));
      return fitting;
    }
    return element instanceof JsonPrimitive primitive && primitive.isString()
        ? new JsonPrimitive(text(primitive.getAsString()))
        : element;
  }

  /** With percent-encoding of what a name must not have. */
  private static String name(String name) {
    StringBuilder fitting = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' || c == '$' || c == '#' || c == ' ' || Character.isISOControl(c)) {
        fitting.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      } else {
        fitting.append(c);
      }
    }
    return fitting.toString();
  }

  private static String text(String text) {
    if (bytes(text) <= MOST_TEXT_BYTES) {
      return text;
    }
    StringBuilder fitting = new StringBuilder();
    int bytes = CUT.length();
    for (int i = 0; i < text.length(); ) {
      String next = Character.toString(text.codePointAt(i));
      bytes += bytes(next);
      if (bytes > MOST_TEXT_BYTES) {
        break;
      }
      fitting.append(next);
      i += next.length();
    }
    return fitting.append(CUT).toString();
  }

  private static int bytes(String text) {
    return text.getBytes(UTF_8).length;
  }
}
