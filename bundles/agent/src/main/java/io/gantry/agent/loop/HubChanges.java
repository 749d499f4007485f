package io.gantry.agent.loop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.agent.manifest.Deployment;
import io.gantry.spi.deployment.DryRun.RouteChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a deployment changes that is not about what runs: the hub's half, and desired properties.
 */
final class HubChanges {

  private HubChanges() {}

  /** The routes that come, go or change. */
  static List<RouteChange> routes(Deployment good, Optional<Deployment> present) {
    SortedMap<String, String> before =
        present.map(now -> routes(now.hubDesired())).orElse(new TreeMap<>());
    SortedMap<String, String> after = routes(good.hubDesired());
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    List<RouteChange> changes = new ArrayList<>();
    for (String name : names) {
      if (!Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(after.get(name)))) {
        changes.add(
            new RouteChange(
                name, Optional.ofNullable(before.get(name)), Optional.ofNullable(after.get(name))));
      }
    }
    return changes;
  }

  private static SortedMap<String, String> routes(String hubDesired) {
    SortedMap<String, String> routes = new TreeMap<>();
    for (Map.Entry<String, JsonElement> member : object(hubDesired).entrySet()) {
      if (member.getKey().equalsIgnoreCase("routes") && member.getValue().isJsonObject()) {
        member
            .getValue()
            .getAsJsonObject()
            .entrySet()
            .forEach(route -> routes.put(route.getKey(), text(route.getValue())));
      }
    }
    return routes;
  }

  private static String text(JsonElement json) {
    return json.isJsonPrimitive() ? json.getAsString() : json.toString();
  }

  private static String rollback(Optional<Duration> window) {
    return window.map(length -> "automatic, " + length.toSeconds() + " s").orElse("off");
  }

  private static JsonObject object(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }

  /** What else of hub and agent changes, and which modules get other desired properties. */
  static List<String> settings(Deployment good, Optional<Deployment> present) {
    List<String> settings = new ArrayList<>();
    Optional<Duration> window = present.flatMap(Deployment::rollback);
    if (!good.rollback().equals(window)) {
      settings.add("$edgeAgent.rollback: " + rollback(window) + " -> " + rollback(good.rollback()));
    }
    JsonObject before = present.map(now -> object(now.hubDesired())).orElse(new JsonObject());
    JsonObject after = object(good.hubDesired());
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      if (!name.equalsIgnoreCase("routes")
          && !Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(after.get(name)))) {
        settings.add(
            "$edgeHub." + name + ": " + shown(before.get(name)) + " -> " + shown(after.get(name)));
      }
    }
    good.moduleDesired()
        .forEach(
            (module, desired) -> {
              boolean same =
                  present
                      .filter(now -> desired.equals(now.moduleDesired().get(module)))
                      .isPresent();
              if (!same) {
                settings.add(module + ": its desired properties change");
              }
            });
    return settings;
  }

  private static String shown(JsonElement json) {
    return json == null ? "none" : json.toString();
  }
}
