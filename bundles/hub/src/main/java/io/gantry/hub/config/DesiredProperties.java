package io.gantry.hub.config;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.gantry.spi.routing.RouteDefinition;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The desired properties of {@code $edgeHub} (IoT Edge, "EdgeHub desired properties").
 *
 * @param routes in the order of the document
 */
record DesiredProperties(List<RouteDefinition> routes) {

  private static final int MAX_LENGTH = 1 << 20;
  private static final Pattern VERSION = Pattern.compile("1\\.([0-3])(\\.0)?");
  private static final Pattern ROUTE_NAME = Pattern.compile("[^.$# ]+");
  private static final int MAX_PRIORITY = 9;
  private static final long MAX_SECONDS = 4_294_967_295L;
  private static final String NEVER = "-1";
  private static final String WITHOUT_EXPIRY =
      ".timeToLiveSecs: has no effect yet; messages wait until they are delivered";

  /**
   * What reading gives.
   *
   * @param properties what could be read
   * @param errors sentences with the path of the value; empty when all is good
   * @param warnings the same of what has no effect yet
   */
  record Result(DesiredProperties properties, List<String> errors, List<String> warnings) {}

  static Result read(String json) {
    List<String> errors = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    List<RouteDefinition> routes = new ArrayList<>();
    root(json, errors).ifPresent(root -> new Reading(errors, warnings, routes).read(root));
    return new Result(new DesiredProperties(List.copyOf(routes)), errors, warnings);
  }

  private static Optional<JsonObject> root(String json, List<String> errors) {
    if (json.length() > MAX_LENGTH) {
      errors.add(
          "$edgeHub: expected at most " + MAX_LENGTH + " characters, found " + json.length());
      return Optional.empty();
    }
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement element = new Gson().getAdapter(JsonElement.class).read(reader);
      if (element.isJsonObject()) {
        return Optional.of(element.getAsJsonObject());
      }
      errors.add("$edgeHub: expected an object, found " + element);
    } catch (IOException | JsonParseException malformed) {
      errors.add("$edgeHub: expected JSON, found " + malformed.getMessage());
    }
    return Optional.empty();
  }

  /** One reading, which gathers all errors. */
  private record Reading(List<String> errors, List<String> warnings, List<RouteDefinition> routes) {

    void read(JsonObject root) {
      int minor = version(root.get("schemaVersion"));
      JsonElement declared = root.get("routes");
      if (declared != null && declared.isJsonObject()) {
        declared.getAsJsonObject().entrySet().forEach(entry -> route(entry, minor));
      } else if (declared != null || minor >= 1) {
        errors.add(
            "$edgeHub.routes: expected an object, found "
                + (declared == null ? "nothing" : declared));
      }
      storeAndForward(root.get("storeAndForwardConfiguration"), minor);
    }

    private int version(JsonElement element) {
      String version = isText(element) ? element.getAsString() : "";
      var matcher = VERSION.matcher(version);
      if (matcher.matches()) {
        return Integer.parseInt(matcher.group(1));
      }
      errors.add(
          "$edgeHub.schemaVersion: expected \"1.0\" to \"1.3\", found "
              + (element == null ? "nothing" : element));
      return 0;
    }

    private void route(Map.Entry<String, JsonElement> entry, int minor) {
      String name = entry.getKey();
      String path = "$edgeHub.routes." + name;
      JsonElement value = entry.getValue();
      if (!ROUTE_NAME.matcher(name).matches()) {
        errors.add(
            path
                + ": expected a name without dot, dollar sign, hash and blank, found '"
                + name
                + "'");
      }
      if (isText(value)) {
        routes.add(new RouteDefinition(name, value.getAsString()));
      } else if (value.isJsonObject() && minor >= 1) {
        routeObject(name, path, value.getAsJsonObject());
      } else {
        errors.add(
            path + ": expected a text" + (minor >= 1 ? " or an object" : "") + ", found " + value);
      }
    }

    private void routeObject(String name, String path, JsonObject object) {
      JsonElement text = object.get("route");
      if (isText(text)) {
        routes.add(new RouteDefinition(name, text.getAsString()));
      } else {
        errors.add(path + ".route: expected a text, found " + (text == null ? "nothing" : text));
      }
      JsonElement priority = object.get("priority");
      number(path + ".priority", priority, 0, MAX_PRIORITY);
      if (priority != null) {
        warnings.add(path + ".priority: has no effect yet; messages are delivered in their order");
      }
      JsonElement seconds = object.get("timeToLiveSecs");
      number(path + ".timeToLiveSecs", seconds, 0, MAX_SECONDS);
      if (seconds != null) {
        warnings.add(path + WITHOUT_EXPIRY);
      }
    }

    private void storeAndForward(JsonElement element, int minor) {
      String path = "$edgeHub.storeAndForwardConfiguration";
      JsonElement seconds =
          element != null && element.isJsonObject()
              ? element.getAsJsonObject().get("timeToLiveSecs")
              : null;
      if (seconds == null && minor >= 1) {
        errors.add(path + ".timeToLiveSecs: expected a number of seconds, found nothing");
      }
      number(path + ".timeToLiveSecs", seconds, -1, MAX_SECONDS);
      if (seconds != null && !NEVER.equals(seconds.toString())) {
        warnings.add(path + WITHOUT_EXPIRY);
      }
    }

    private void number(String path, JsonElement element, long min, long max) {
      if (element == null) {
        return;
      }
      boolean good =
          element.isJsonPrimitive()
              && element.getAsJsonPrimitive().isNumber()
              && element.getAsDouble() == Math.rint(element.getAsDouble())
              && element.getAsDouble() >= min
              && element.getAsDouble() <= max;
      if (!good) {
        errors.add(
            path + ": expected a whole number from " + min + " to " + max + ", found " + element);
      }
    }

    private static boolean isText(JsonElement element) {
      return element != null
          && element.isJsonPrimitive()
          && element.getAsJsonPrimitive().isString();
    }
  }
}
