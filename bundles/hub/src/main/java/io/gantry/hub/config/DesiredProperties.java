package io.gantry.hub.config;

import static io.gantry.spi.routing.RouteDefinition.NO_PRIORITY;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteSet;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
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
record DesiredProperties(RouteSet routes) {

  private static final int MAX_LENGTH = 1 << 20;
  private static final Pattern VERSION = Pattern.compile("1\\.([0-3])(\\.0)?");
  private static final Pattern ROUTE_NAME = Pattern.compile("[^.$# ]+");
  private static final long MAX_SECONDS = 4_294_967_295L;
  private static final long NEVER = -1;

  /**
   * What reading gives.
   *
   * @param properties what could be read
   * @param errors sentences with the path of the value; empty when all is good
   * @param warnings the same of what is good and may not be what its author expects
   */
  record Result(DesiredProperties properties, List<String> errors, List<String> warnings) {}

  static Result read(String json) {
    List<String> errors = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    RouteSet routes =
        root(json, errors)
            .map(root -> new Reading(errors, warnings, new ArrayList<>()).read(root))
            .orElse(RouteSet.NONE);
    return new Result(new DesiredProperties(routes), errors, warnings);
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

    RouteSet read(JsonObject root) {
      int minor = version(root.get("schemaVersion"));
      long timeToLive = storeAndForward(root.get("storeAndForwardConfiguration"), minor);
      JsonElement declared = root.get("routes");
      if (declared != null && declared.isJsonObject()) {
        declared.getAsJsonObject().entrySet().forEach(entry -> route(entry, minor, timeToLive));
      } else if (declared != null || minor >= 1) {
        errors.add(
            "$edgeHub.routes: expected an object, found "
                + (declared == null ? "nothing" : declared));
      }
      return new RouteSet(routes, assumeJson(root.get("assumeJson")));
    }

    /** Ours: whether a body that does not say what it is may be taken for JSON in UTF-8. */
    private boolean assumeJson(JsonElement element) {
      if (element == null) {
        return false;
      }
      if (element.isJsonPrimitive() && element.getAsJsonPrimitive().isBoolean()) {
        return element.getAsBoolean();
      }
      errors.add("$edgeHub.assumeJson: expected true or false, found " + element);
      return false;
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

    private void route(Map.Entry<String, JsonElement> entry, int minor, long timeToLive) {
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
        routes.add(route(name, value.getAsString(), NO_PRIORITY, timeToLive, true));
      } else if (value.isJsonObject() && minor >= 1) {
        routeObject(name, path, value.getAsJsonObject(), timeToLive);
      } else {
        errors.add(
            path + ": expected a text" + (minor >= 1 ? " or an object" : "") + ", found " + value);
      }
    }

    private static RouteDefinition route(
        String name, String text, long priority, long timeToLive, boolean durable) {
      Optional<Duration> life =
          timeToLive == NEVER ? Optional.empty() : Optional.of(Duration.ofSeconds(timeToLive));
      return new RouteDefinition(name, text, (int) priority, life, durable);
    }

    private void routeObject(String name, String path, JsonObject object, long timeToLive) {
      JsonElement text = object.get("route");
      if (!isText(text)) {
        errors.add(path + ".route: expected a text, found " + (text == null ? "nothing" : text));
      }
      long priority =
          number(path + ".priority", object.get("priority"), 0, NO_PRIORITY - 1, NO_PRIORITY);
      // Nought is for the one of all routes, as with IoT Edge.
      long own = number(path + ".timeToLiveSecs", object.get("timeToLiveSecs"), 0, MAX_SECONDS, 0);
      boolean durable = durable(path + ".durability", object.get("durability"));
      if (isText(text)) {
        routes.add(route(name, text.getAsString(), priority, own == 0 ? timeToLive : own, durable));
      }
    }

    /** Ours: "disk", unless told otherwise, or "memory". */
    private boolean durable(String path, JsonElement element) {
      String durability = isText(element) ? element.getAsString() : "";
      if (durability.equals("memory")) {
        warnings.add(path + ": what waits in memory is lost when the process ends");
        return false;
      }
      if (element != null && !durability.equals("disk")) {
        errors.add(path + ": expected \"disk\" or \"memory\", found " + element);
      }
      return true;
    }

    /** How long messages live whose route does not say it. */
    private long storeAndForward(JsonElement element, int minor) {
      String path = "$edgeHub.storeAndForwardConfiguration";
      JsonElement seconds =
          element != null && element.isJsonObject()
              ? element.getAsJsonObject().get("timeToLiveSecs")
              : null;
      if (seconds == null && minor >= 1) {
        errors.add(path + ".timeToLiveSecs: expected a number of seconds, found nothing");
      }
      long timeToLive = number(path + ".timeToLiveSecs", seconds, -1, MAX_SECONDS, NEVER);
      return timeToLive == 0 ? NEVER : timeToLive;
    }

    private long number(String path, JsonElement element, long min, long max, long otherwise) {
      if (element == null) {
        return otherwise;
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
        return otherwise;
      }
      return (long) element.getAsDouble();
    }

    private static boolean isText(JsonElement element) {
      return element != null
          && element.isJsonPrimitive()
          && element.getAsJsonPrimitive().isString();
    }
  }
}
