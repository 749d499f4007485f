package io.gantry.agent.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.gantry.agent.manifest.Secrets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Hides what looks like a secret. Manifests carry passwords of machines in environment and
 * settings; a report goes to screens, logs and the cloud. Comparing back ends look at images and
 * statuses, so a masked value misleads nobody.
 */
final class Masking {

  private static final String MASK = Secrets.MASK;

  private static final List<String> NAMES =
      List.of(
          "password",
          "passwd",
          "passphrase",
          "pwd",
          "secret",
          "token",
          "credential",
          "connectionstring",
          "accesskey",
          "apikey",
          "privatekey");
  private static final List<String> VALUES = List.of("sharedaccesskey=", "sharedaccesssignature");

  private Masking() {}

  /** The value, or the mask. */
  static String value(String name, String value) {
    return isSecret(name) || holdsSecret(value) ? MASK : Secrets.hide(value);
  }

  /** JSON text with masked members; text that is no JSON is hidden altogether unless blank. */
  static String json(String text) {
    if (text.isBlank()) {
      return text;
    }
    try {
      return masked(JsonParser.parseString(text)).toString();
    } catch (JsonParseException e) {
      return MASK;
    }
  }

  private static JsonElement masked(JsonElement json) {
    if (json instanceof JsonObject object) {
      JsonObject result = new JsonObject();
      for (Map.Entry<String, JsonElement> member : object.entrySet()) {
        boolean hidden = isSecret(member.getKey()) && !member.getValue().isJsonObject();
        result.add(member.getKey(), hidden ? new JsonPrimitive(MASK) : masked(member.getValue()));
      }
      return result;
    }
    if (json instanceof JsonArray array) {
      JsonArray result = new JsonArray();
      array.forEach(element -> result.add(masked(element)));
      return result;
    }
    return json instanceof JsonPrimitive primitive && primitive.isString()
        ? new JsonPrimitive(assignment(primitive.getAsString()))
        : json;
  }

  /** Container options hold their environment as NAME=value. */
  private static String assignment(String text) {
    int equals = text.indexOf('=');
    if (equals > 0 && isSecret(text.substring(0, equals))) {
      return text.substring(0, equals + 1) + MASK;
    }
    return holdsSecret(text) ? MASK : Secrets.hide(text);
  }

  private static boolean isSecret(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    return NAMES.stream().anyMatch(plain::contains);
  }

  private static boolean holdsSecret(String value) {
    String lower = value.toLowerCase(Locale.ROOT);
    return VALUES.stream().anyMatch(lower::contains);
  }
}
