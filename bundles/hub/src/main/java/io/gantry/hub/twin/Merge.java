package io.gantry.hub.twin;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Map;

/**
 * The rule by which patches change documents, in both directions: objects merge, {@code null}
 * removes, everything else replaces (RFC 7386, which IoT Hub follows). Pure: what is given stays as
 * it is, what comes back may share parts with it, so nobody may change either.
 */
final class Merge {

  private Merge() {}

  /** The document that a patch makes of another one. */
  static JsonObject apply(JsonObject document, JsonObject patch) {
    JsonObject merged = new JsonObject();
    document.entrySet().forEach(entry -> merged.add(entry.getKey(), entry.getValue()));
    for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
      String name = entry.getKey();
      JsonElement value = entry.getValue();
      if (value.isJsonNull()) {
        merged.remove(name);
      } else if (value instanceof JsonObject inner) {
        JsonObject before =
            document.get(name) instanceof JsonObject object ? object : new JsonObject();
        merged.add(name, apply(before, inner));
      } else {
        merged.add(name, value);
      }
    }
    return merged;
  }

  /** The smallest patch that makes the second document of the first. */
  static JsonObject difference(JsonObject from, JsonObject to) {
    JsonObject patch = new JsonObject();
    for (String name : from.keySet()) {
      if (!to.has(name)) {
        patch.add(name, JsonNull.INSTANCE);
      }
    }
    for (Map.Entry<String, JsonElement> entry : to.entrySet()) {
      String name = entry.getKey();
      JsonElement before = from.get(name);
      if (before instanceof JsonObject old && entry.getValue() instanceof JsonObject now) {
        JsonObject inner = difference(old, now);
        if (!inner.isEmpty()) {
          patch.add(name, inner);
        }
      } else if (before == null || !isSame(before, entry.getValue())) {
        patch.add(name, entry.getValue());
      }
    }
    return patch;
  }

  /** By their text: to Gson, 1 and 1.0 are equal. */
  private static boolean isSame(JsonElement one, JsonElement other) {
    return one.toString().equals(other.toString());
  }
}
