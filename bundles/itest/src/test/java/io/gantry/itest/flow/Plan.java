package io.gantry.itest.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Folder;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Deployment manifests of these tests. Without routes of its own the telemetry of devices goes to
 * the input of module {@code filter}, whether it is declared or not, and what that lets pass goes
 * to {@code $upstream}.
 */
final class Plan {

  static final String FILTER = "io.gantry.sample.filter";
  static final String FILTER_INPUT = "modules/filter/inputs/input1";

  private static final int ANSWER_MILLIS = 60_000;

  private final JsonObject modules = new JsonObject();
  private final JsonObject routes = new JsonObject();
  private Optional<Duration> rollback = Optional.empty();

  /** Declares a module that shall run. */
  Plan module(String name, String image) {
    JsonObject settings = new JsonObject();
    settings.addProperty("image", image);
    JsonObject module = new JsonObject();
    module.addProperty("type", "bundle");
    module.addProperty("status", "running");
    module.addProperty("restartPolicy", "always");
    module.add("settings", settings);
    modules.add(name, module);
    return this;
  }

  /** Does not declare a module any more. */
  Plan without(String module) {
    modules.remove(module);
    return this;
  }

  /** Sets a variable of a module that is declared. */
  Plan environment(String module, String name, String value) {
    JsonObject variables = new JsonObject();
    variables.add(name, object("value", value));
    modules.getAsJsonObject(module).add("env", variables);
    return this;
  }

  /** Says of a module that is declared that two versions of it may not run at the same time. */
  Plan exclusive(String module) {
    JsonObject options = new JsonObject();
    options.addProperty("exclusive", true);
    modules.getAsJsonObject(module).getAsJsonObject("settings").add("createOptions", options);
    return this;
  }

  /** Lets the deployment before come back when this one is not well at the end of a window. */
  Plan rollback(Duration window) {
    rollback = Optional.of(window);
    return this;
  }

  /** Adds a route that is nothing but its text. */
  Plan route(String name, String text) {
    routes.addProperty(name, text);
    return this;
  }

  /** Adds a route with a priority from 0, which is the highest, to 9. */
  Plan route(String name, int priority, String text) {
    JsonObject route = object("route", text);
    route.addProperty("priority", priority);
    routes.add(name, route);
    return this;
  }

  /** Adds a route whose messages expire. */
  Plan route(String name, int priority, Duration timeToLive, String text) {
    route(name, priority, text);
    routes.getAsJsonObject(name).addProperty("timeToLiveSecs", timeToLive.toSeconds());
    return this;
  }

  private static JsonObject standardRoutes() {
    return new Plan()
        .route(
            "in",
            "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId)"
                + " INTO BrokeredEndpoint(\"/modules/filter/inputs/input1\")")
        .route("up", "FROM /messages/modules/filter/outputs/output1 INTO $upstream")
        .routes;
  }

  /** The manifest. */
  String text() {
    JsonObject agent = new JsonObject();
    agent.addProperty("schemaVersion", "1.1");
    agent.add("runtime", object("type", "bundle"));
    rollback.ifPresent(
        window -> {
          agent.addProperty("rollback", "automatic");
          agent.addProperty("rollbackWindowSecs", window.toSeconds());
        });
    JsonObject system = new JsonObject();
    system.add("edgeAgent", system("io.gantry.agent"));
    JsonObject edgeHub = system("io.gantry.hub");
    edgeHub.addProperty("status", "running");
    edgeHub.addProperty("restartPolicy", "always");
    system.add("edgeHub", edgeHub);
    agent.add("systemModules", system);
    agent.add("modules", modules);

    JsonObject hub = new JsonObject();
    hub.addProperty("schemaVersion", "1.1");
    hub.add("routes", routes.size() == 0 ? standardRoutes() : routes);
    JsonObject storing = new JsonObject();
    storing.addProperty("timeToLiveSecs", -1);
    hub.add("storeAndForwardConfiguration", storing);

    JsonObject content = new JsonObject();
    content.add("$edgeAgent", desired(agent));
    content.add("$edgeHub", desired(hub));
    JsonObject manifest = new JsonObject();
    manifest.add("modulesContent", content);
    return new GsonBuilder().setPrettyPrinting().create().toJson(manifest);
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

  /** Makes it the deployment of the first start. */
  void first(Folder folder) {
    write(folder.conf().resolve("deployment.json"));
  }

  /** {@code gantry deploy}. */
  Distribution.Result deploy(Distribution distribution) {
    Path file = distribution.folder().home().resolve("manifest.json");
    write(file);
    return distribution.cli("deploy", file.toString());
  }

  /** As {@link #deploy}, without a process for each; it has to be carried out at once. */
  void post(Distribution distribution) {
    try {
      Instance.Answer answer =
          Instance.find(distribution.folder().data())
              .post(
                  "/v1/deployments",
                  "application/json",
                  text().getBytes(StandardCharsets.UTF_8),
                  ANSWER_MILLIS);
      assertEquals(200, answer.status(), () -> answer + "\n" + distribution.everything());
    } catch (CommandException e) {
      throw new AssertionError(e.getMessage() + "\n" + distribution.everything(), e);
    }
  }

  private void write(Path file) {
    try {
      Files.writeString(file, text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
