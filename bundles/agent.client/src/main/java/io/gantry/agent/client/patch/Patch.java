package io.gantry.agent.client.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Map;

/**
 * The smallest patch that makes one document of another, by the rule of twins: objects merge, null
 * removes, everything else replaces.
 */
public final class Patch {

  private Patch() {}

  /**
   * Compares.
   *
   * @return an empty object when there is nothing to be changed
   */
  public static JsonObject between(JsonObject from, JsonObject to) {
    JsonObject patch = new JsonObject();
    for (String name : from.keySet()) {
      if (!isThere(to.get(name))) {
        patch.add(name, JsonNull.INSTANCE);
      }
    }
    for (Map.Entry<String, JsonElement> entry : to.entrySet()) {
      if (isThere(entry.getValue())) {
        addChange(entry.getKey(), from.get(entry.getKey()), entry.getValue(), patch);
      }
    }
    return patch;
  }

  private static void addChange(
      String name, JsonElement before, JsonElement now, JsonObject patch) {
    if (before instanceof JsonObject old && now instanceof JsonObject fresh) {
      JsonObject inner = between(old, fresh);
      if (!inner.isEmpty()) {
        patch.add(name, inner);
      }
    } else if (before == null || !isSame(before, now)) {
      patch.add(name, now);
    }
  }

  private static boolean isThere(JsonElement value) {
    return value != null && !value.isJsonNull();
  }

  /** By their text: to Gson, 1 and 1.0 are equal. */
  private static boolean isSame(JsonElement one, JsonElement other) {
    return one.toString().equals(other.toString());
  }
}
