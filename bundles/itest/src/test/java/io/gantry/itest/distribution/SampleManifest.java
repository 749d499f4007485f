package io.gantry.itest.distribution;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** The sample deployment as it ships, with changes. */
public final class SampleManifest {

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

  private final JsonObject root;

  private SampleManifest(JsonObject root) {
    this.root = root;
  }

  /** Without a change. */
  public static SampleManifest unchanged() {
    try {
      String text = Files.readString(Folder.built().resolve("conf").resolve("deployment.json"));
      return new SampleManifest(GSON.fromJson(text, JsonObject.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonObject desired(String twin) {
    return root.getAsJsonObject("modulesContent")
        .getAsJsonObject(twin)
        .getAsJsonObject("properties.desired");
  }

  /** Declares another module, or the same one with another image. */
  public SampleManifest module(String name, String image) {
    JsonObject modules = desired("$edgeAgent").getAsJsonObject("modules");
    JsonObject module =
        modules.has(name) ? modules.getAsJsonObject(name) : modules.getAsJsonObject("filter");
    JsonObject changed = module.deepCopy();
    changed.getAsJsonObject("settings").addProperty("image", image);
    modules.add(name, changed);
    return this;
  }

  /** Sets an environment variable of a module. */
  public SampleManifest env(String module, String name, String value) {
    JsonObject text = new JsonObject();
    text.addProperty("value", value);
    desired("$edgeAgent")
        .getAsJsonObject("modules")
        .getAsJsonObject(module)
        .getAsJsonObject("env")
        .add(name, text);
    return this;
  }

  /** Declares a route. */
  public SampleManifest route(String name, String text) {
    desired("$edgeHub").getAsJsonObject("routes").addProperty(name, text);
    return this;
  }

  /** Its text. */
  public String text() {
    return GSON.toJson(root);
  }
}
