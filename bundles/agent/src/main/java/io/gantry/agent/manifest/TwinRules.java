package io.gantry.agent.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Optional;
import java.util.Set;

/**
 * What IoT Hub holds of twins, and our hub with it. The desired properties of a module become its
 * twin as they are, so they are refused here, before anything is deployed, rather than by the hub
 * afterwards. Those of the system modules never become a twin here: only a cloud would refuse them.
 */
final class TwinRules {

  static final int MOST_BYTES = 32 * 1024;
  static final int MOST_VALUE_BYTES = 4096;

  private static final int MOST_LEVELS = 10;
  private static final int MOST_NAME_BYTES = 1024;
  private static final long LARGEST_INTEGER = 1L << 52;

  /** What a twin has that was read from a hub; no property. */
  private static final Set<String> OF_THE_HUB = Set.of("$version", "$metadata");

  private TwinRules() {}

  /** The properties; notes what the hub would not take. Empty when nothing is in them. */
  static Optional<JsonObject> desired(Node node) {
    JsonObject properties = new JsonObject();
    for (Node property : node.children()) {
      if (!OF_THE_HUB.contains(property.name())) {
        property.json().ifPresent(json -> properties.add(property.name(), json));
        check(property, 0);
      }
    }
    if (bytes(properties.toString()) > MOST_BYTES) {
      node.refuse("at most " + MOST_BYTES + " bytes in all", "more");
    }
    return properties.size() == 0 ? Optional.empty() : Optional.of(properties);
  }

  private static void check(Node node, int level) {
    name(node);
    value(node, level);
  }

  private static void name(Node node) {
    String name = node.name();
    if (name.chars().anyMatch(c -> ".$# ".indexOf(c) >= 0 || Character.isISOControl(c))) {
      node.refuse("a name without . $ # blank and control characters", Node.quote(name));
    }
    if (bytes(name) > MOST_NAME_BYTES) {
      node.refuse("a name of at most " + MOST_NAME_BYTES + " bytes", "a longer one");
    }
    if (!isUnicode(name)) {
      node.refuse("a name in Unicode", "half a surrogate pair");
    }
  }

  private static void value(Node node, int level) {
    JsonElement json = node.json().orElse(null);
    if (json instanceof JsonPrimitive primitive) {
      scalar(node, primitive);
    } else if (json != null && level == MOST_LEVELS) {
      node.refuse("at most " + MOST_LEVELS + " levels", "more");
    } else if (json != null) {
      node.children().forEach(child -> check(child, level + 1));
      node.elements().forEach(element -> element(element, level + 1));
    }
  }

  private static void element(Node element, int level) {
    if (element.isAbsent()) {
      element.refuse("no null in a list");
    }
    value(element, level);
  }

  private static void scalar(Node node, JsonPrimitive primitive) {
    String text = primitive.getAsString();
    if (primitive.isString() && !isUnicode(text)) {
      node.refuse("Unicode text", "half a surrogate pair");
    } else if (primitive.isString() && bytes(text) > MOST_VALUE_BYTES) {
      node.refuse("a text of at most " + MOST_VALUE_BYTES + " bytes", "a longer one");
    } else if (primitive.isNumber() && isTooLarge(primitive, text)) {
      node.refuse(
          "an integer from " + -LARGEST_INTEGER + " to " + LARGEST_INTEGER + " or a double",
          "one beyond");
    }
  }

  private static boolean isTooLarge(JsonPrimitive number, String text) {
    return text.matches("-?\\d+")
        ? text.length() > 17 || Math.abs(Long.parseLong(text)) > LARGEST_INTEGER
        : !Double.isFinite(number.getAsDouble());
  }

  private static boolean isUnicode(String text) {
    return UTF_8.newEncoder().canEncode(text);
  }

  private static int bytes(String text) {
    return text.getBytes(UTF_8).length;
  }

  /** Warns of what is good here and too large for the twin of a system module in a cloud. */
  static void warnOfSize(Node twin) {
    int bytes = twin.json().map(json -> bytes(json.toString())).orElse(0);
    if (bytes > MOST_BYTES) {
      twin.warn(
          "an IoT Hub would refuse it, "
              + bytes
              + " bytes are more than the "
              + MOST_BYTES
              + " of a twin's section");
    }
    warnOfValues(twin);
  }

  private static void warnOfValues(Node node) {
    node.json()
        .filter(json -> json instanceof JsonPrimitive primitive && primitive.isString())
        .map(json -> bytes(json.getAsString()))
        .filter(bytes -> bytes > MOST_VALUE_BYTES)
        .ifPresent(
            bytes ->
                node.warn(
                    "an IoT Hub would refuse it, a text of "
                        + bytes
                        + " bytes is longer than the "
                        + MOST_VALUE_BYTES
                        + " of a twin's value"));
    node.children().forEach(TwinRules::warnOfValues);
    node.elements().forEach(TwinRules::warnOfValues);
  }
}
