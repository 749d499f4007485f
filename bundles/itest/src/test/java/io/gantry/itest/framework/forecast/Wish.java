package io.gantry.itest.framework.forecast;

import com.google.gson.JsonObject;

/**
 * How a module is declared.
 *
 * @param bundle last part of the symbolic name
 * @param version a version or range; any when it is empty
 * @param order start-up order
 */
record Wish(
    String bundle,
    String version,
    boolean running,
    int variable,
    boolean exclusive,
    int order,
    String policy) {

  static Wish of(String bundle, String version) {
    return new Wish(bundle, version, true, 0, false, 1, "never");
  }

  Wish version(String other) {
    return new Wish(bundle, other, running, variable, exclusive, order, policy);
  }

  Wish running(boolean other) {
    return new Wish(bundle, version, other, variable, exclusive, order, policy);
  }

  Wish variable(int other) {
    return new Wish(bundle, version, running, other, exclusive, order, policy);
  }

  Wish exclusive(boolean other) {
    return new Wish(bundle, version, running, variable, other, order, policy);
  }

  Wish order(int other) {
    return new Wish(bundle, version, running, variable, exclusive, other, policy);
  }

  Wish policy(String other) {
    return new Wish(bundle, version, running, variable, exclusive, order, other);
  }

  JsonObject json() {
    JsonObject settings = new JsonObject();
    settings.addProperty("image", "acme." + bundle + (version.isEmpty() ? "" : ":" + version));
    if (exclusive) {
      JsonObject options = new JsonObject();
      options.addProperty("exclusive", true);
      settings.add("createOptions", options);
    }
    JsonObject value = new JsonObject();
    value.addProperty("value", String.valueOf(variable));
    JsonObject environment = new JsonObject();
    environment.add("V", value);
    JsonObject module = new JsonObject();
    module.addProperty("type", "bundle");
    module.addProperty("status", running ? "running" : "stopped");
    module.addProperty("restartPolicy", policy);
    module.addProperty("startupOrder", order);
    module.add("settings", settings);
    module.add("env", environment);
    return module;
  }
}
