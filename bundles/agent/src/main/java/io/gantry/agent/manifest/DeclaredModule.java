package io.gantry.agent.manifest;

import io.gantry.spi.module.ImageReference;
import io.gantry.spi.module.ModuleSpec;
import io.gantry.spi.module.ModuleSpec.PullPolicy;
import java.util.Map;

/**
 * A module as the manifest declares it.
 *
 * @param name its name
 * @param type {@code bundle} or {@code docker}, as declared; both mean a bundle
 * @param version free text; a new text asks for the image to be looked up again
 * @param status what it shall be
 * @param restartPolicy when it is started again
 * @param pullPolicy whether repositories may be asked
 * @param startupOrder lower ones are attempted first
 * @param imageText the image as declared
 * @param image the same, understood
 * @param env environment
 * @param createOptions JSON object, as declared
 * @param configuration settings by configuration PID, from the create options
 * @param exclusive whether two versions of it must never run at the same time, from the create
 *     options
 */
public record DeclaredModule(
    String name,
    String type,
    String version,
    DesiredStatus status,
    RestartPolicy restartPolicy,
    PullPolicy pullPolicy,
    long startupOrder,
    String imageText,
    ImageReference image,
    Map<String, String> env,
    String createOptions,
    Map<String, Map<String, Object>> configuration,
    boolean exclusive) {

  /** The start-up order of a module that declares none. */
  public static final long LAST = 4294967295L;

  public DeclaredModule {
    env = Map.copyOf(env);
    configuration = Map.copyOf(configuration);
  }

  /** A module that nobody declared, but whose bundle somebody dropped in to be run. */
  public static DeclaredModule ofDropIn(ModuleSpec spec) {
    return new DeclaredModule(
        spec.name(),
        "bundle",
        "",
        DesiredStatus.RUNNING,
        RestartPolicy.ON_UNHEALTHY,
        spec.pull(),
        LAST,
        spec.image().toString(),
        spec.image(),
        spec.environment(),
        "{}",
        spec.configuration(),
        spec.exclusive());
  }

  /** What the engine room needs to know. */
  public ModuleSpec spec() {
    return new ModuleSpec(name, image, pullPolicy, env, configuration, exclusive);
  }

  /** Whether the same bundles do for both, so that what was found for one need not be looked up. */
  public boolean isMadeOf(DeclaredModule other) {
    return image.equals(other.image) && version.equals(other.version);
  }

  /** Whether environment and configuration are those of the other one. */
  public boolean isConfiguredAs(DeclaredModule other) {
    return env.equals(other.env) && configuration.equals(other.configuration);
  }

  /**
   * Whether what is installed for the other one is also right for this one. How it will be replaced
   * one day ({@link #exclusive}) does not change what it is now.
   */
  public boolean isBuiltAs(DeclaredModule other) {
    return isMadeOf(other) && isConfiguredAs(other);
  }

  /** The pull policy as written in manifests and reports. */
  public static String word(PullPolicy policy) {
    return policy == PullPolicy.NEVER ? "never" : "on-create";
  }
}
