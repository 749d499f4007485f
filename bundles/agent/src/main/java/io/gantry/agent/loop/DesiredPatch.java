package io.gantry.agent.loop;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Map;

/** What has to be said for one JSON object to become another by merging. */
final class DesiredPatch {

  private DesiredPatch() {}

  /** The patch; an empty object when the two are equal. */
  static String between(String before, String after) {
    return patch(
            JsonParser.parseString(before).getAsJsonObject(),
            JsonParser.parseString(after).getAsJsonObject())
        .toString();
  }

  private static JsonObject patch(JsonObject before, JsonObject after) {
    JsonObject patch = new JsonObject();
    for (String gone : before.keySet()) {
      if (!after.has(gone) || after.get(gone).isJsonNull()) {
        patch.add(gone, JsonNull.INSTANCE);
      }
    }
    for (Map.Entry<String, JsonElement> member : after.entrySet()) {
      JsonElement old = before.get(member.getKey());
      JsonElement now = member.getValue();
      if (now.isJsonNull() || now.equals(old)) {
        continue;
      }
      if (old != null && old.isJsonObject() && now.isJsonObject()) {
        JsonObject inner = patch(old.getAsJsonObject(), now.getAsJsonObject());
        if (inner.size() > 0) {
          patch.add(member.getKey(), inner);
        }
      } else {
        patch.add(member.getKey(), now);
      }
    }
    return patch;
  }
}
