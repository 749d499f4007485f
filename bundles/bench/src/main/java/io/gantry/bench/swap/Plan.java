package io.gantry.bench.swap;

import com.google.gson.JsonObject;
import java.util.Map;

/** A deployment manifest. */
final class Plan {

  private final JsonObject modules = new JsonObject();
  private final JsonObject routes = new JsonObject();

  /** Declares a module that shall run. */
  Plan module(String name, String image, Map<String, String> environment, boolean exclusive) {
    JsonObject module = new JsonObject();
    module.addProperty("type", "bundle");
    module.addProperty("status", "running");
    module.addProperty("restartPolicy", "always");
    JsonObject settings = object("image", image);
    if (exclusive) {
      JsonObject options = new JsonObject();
      options.addProperty("exclusive", true);
      settings.add("createOptions", options);
    }
    module.add("settings", settings);
    JsonObject variables = new JsonObject();
    environment.forEach((key, value) -> variables.add(key, object("value", value)));
    module.add("env", variables);
    modules.add(name, module);
    return this;
  }

  /** Adds a route. */
  Plan route(String name, String text) {
    routes.addProperty(name, text);
    return this;
  }

  @Override
  public String toString() {
    JsonObject agent = object("schemaVersion", "1.1");
    agent.add("runtime", object("type", "bundle"));
    JsonObject system = new JsonObject();
    system.add("edgeAgent", system("io.gantry.agent"));
    JsonObject edgeHub = system("io.gantry.hub");
    edgeHub.addProperty("status", "running");
    edgeHub.addProperty("restartPolicy", "always");
    system.add("edgeHub", edgeHub);
    agent.add("systemModules", system);
    agent.add("modules", modules);
    JsonObject hub = object("schemaVersion", "1.1");
    hub.add("routes", routes);
    JsonObject storing = new JsonObject();
    storing.addProperty("timeToLiveSecs", -1);
    hub.add("storeAndForwardConfiguration", storing);
    JsonObject content = new JsonObject();
    content.add("$edgeAgent", desired(agent));
    content.add("$edgeHub", desired(hub));
    JsonObject manifest = new JsonObject();
    manifest.add("modulesContent", content);
    return manifest.toString();
  }

  private static JsonObject system(String image) {
    JsonObject module = object("type", "bundle");
    module.add("settings", object("image", image));
    return module;
  }

  private static JsonObject desired(JsonObject properties) {
    JsonObject object = new JsonObject();
    object.add("properties.desired", properties);
    return object;
  }

  private static JsonObject object(String name, String value) {
    JsonObject object = new JsonObject();
    object.addProperty(name, value);
    return object;
  }
}
