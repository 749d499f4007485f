package io.gantry.agent.client.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/**
 * What is reported when the agent is not there: nobody watches the modules, so nobody knows. The
 * words are those of the IoT Edge agent.
 */
public final class Absence {

  private static final int UNKNOWN = 406;

  private Absence() {}

  /** What was reported last, with all statuses unknown. */
  public static JsonObject of(JsonObject reported) {
    JsonObject absent = reported.deepCopy();
    if (absent.has("lastDesiredStatus")) {
      JsonObject status = new JsonObject();
      status.addProperty("code", UNKNOWN);
      status.addProperty("description", "Agent is not running");
      absent.add("lastDesiredStatus", status);
    }
    forget(absent.get("systemModules"));
    forget(absent.get("modules"));
    return absent;
  }

  private static void forget(JsonElement modules) {
    if (modules instanceof JsonObject named) {
      for (JsonElement module : named.asMap().values()) {
        if (module instanceof JsonObject status && status.has("runtimeStatus")) {
          status.addProperty("runtimeStatus", "unknown");
        }
      }
    }
  }
}
