package io.gantry.spi.module;

import java.util.Map;

/**
 * What the engine room needs to know of one module.
 *
 * @param name the module's name in the manifest
 * @param image the bundle
 * @param pull whether the repositories may be asked, or only the local cache
 * @param environment reaches the module as properties of the configuration {@link #ENVIRONMENT_PID}
 * @param configuration settings by configuration PID; values are String, Boolean, Long, Double or
 *     List of those
 * @param exclusive whether two versions of it must never run at the same time, because it owns
 *     something that only one can have: then it is stopped before its successor is started
 */
public record ModuleSpec(
    String name,
    ImageReference image,
    PullPolicy pull,
    Map<String, String> environment,
    Map<String, Map<String, Object>> configuration,
    boolean exclusive) {

  /** The PID under which a module finds its environment variables; visible to that module only. */
  public static final String ENVIRONMENT_PID = "io.gantry.module";

  /** {@code imagePullPolicy} of the manifest. */
  public enum PullPolicy {
    /** Ask the repositories whenever the module is created or updated. */
    ON_CREATE,
    /** Use what is in the local cache. */
    NEVER
  }

  /** One that may run beside its successor. */
  public ModuleSpec(
      String name,
      ImageReference image,
      PullPolicy pull,
      Map<String, String> environment,
      Map<String, Map<String, Object>> configuration) {
    this(name, image, pull, environment, configuration, false);
  }

  public ModuleSpec {
    environment = Map.copyOf(environment);
    configuration = Map.copyOf(configuration);
  }

  /** Neither environment nor configuration: they may hold secrets. */
  @Override
  public String toString() {
    return "ModuleSpec[" + name + ", " + image + "]";
  }
}
