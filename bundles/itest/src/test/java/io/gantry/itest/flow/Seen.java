package io.gantry.itest.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a running gateway is seen to do: its modules, each asked itself, and its routes. */
final class Seen {

  private static final int ANSWER_MILLIS = 20_000;
  private static final String JSON = "application/json";

  private final Path data;

  Seen(Path data) {
    this.data = data;
  }

  /** A deployment as {@code gantry history} tells of it. */
  record Deployment(long number, String state, String origin) {

    boolean is(String other) {
      return state.equals(other);
    }

    boolean isRollback() {
      return origin.startsWith("rollback of");
    }
  }

  /** The key of a module. */
  static String module(String name) {
    return "module " + name;
  }

  /** The key of a route. */
  static String route(String name) {
    return "route " + name;
  }

  /** What is seen of a module that runs and answers so. */
  static String running(String state) {
    return "running, " + state;
  }

  /** The parts of what is deployed. */
  Map<String, String> parts() throws CommandException {
    Map<String, String> parts = new TreeMap<>();
    JsonObject status = get("/v1/status").getAsJsonObject();
    for (JsonElement element : status.getAsJsonArray("routes")) {
      JsonObject route = element.getAsJsonObject();
      parts.put(route(text(route, "name")), text(route, "route"));
    }
    for (JsonElement element : status.getAsJsonArray("modules")) {
      JsonObject module = element.getAsJsonObject();
      String name = text(module, "name");
      if (!module.get("version").isJsonNull()) {
        String error = module.get("lastError").isJsonNull() ? "" : "; " + text(module, "lastError");
        parts.put(module(name), text(module, "status") + ", " + answer(name) + error);
      }
    }
    return parts;
  }

  private String answer(String module) throws CommandException {
    Instance.Answer answer = post("/v1/methods/invoke?name=state&identity=gateway/" + module, "");
    return answer.status() == 200
        ? text(JsonParser.parseString(answer.body()).getAsJsonObject(), "payload")
        : answer.body().strip();
  }

  /** The deployments, newest first. */
  List<Deployment> history() throws CommandException {
    List<Deployment> history = new ArrayList<>();
    JsonArray array = get("/v1/deployments/history").getAsJsonArray();
    for (JsonElement element : array) {
      JsonObject json = element.getAsJsonObject();
      history.add(
          new Deployment(
              json.get("number").getAsLong(), text(json, "state"), text(json, "origin")));
    }
    return history;
  }

  /** The management API is told something. */
  Instance.Answer post(String path, String body) throws CommandException {
    return Instance.find(data).post(path, JSON, body.getBytes(UTF_8), 3 * ANSWER_MILLIS);
  }

  private JsonElement get(String path) throws CommandException {
    Instance.Answer answer = Instance.find(data).get(path, JSON, ANSWER_MILLIS);
    if (answer.status() != 200) {
      throw new AssertionError(path + ": " + answer);
    }
    return JsonParser.parseString(answer.body());
  }

  private static String text(JsonObject json, String key) {
    JsonElement value = json.get(key);
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }
}
