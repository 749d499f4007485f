package io.gantry.agent.manifest;

import java.util.Map;

/**
 * {@code edgeAgent} or {@code edgeHub} as declared. The runtime is both, so this is kept only to be
 * reported back, which is how a back end sees that its deployment has arrived.
 *
 * @param type as declared
 * @param status as declared
 * @param restartPolicy as declared, or always
 * @param pullPolicy the word as declared, or {@code on-create}
 * @param startupOrder as declared, or {@link DeclaredModule#LAST}
 * @param image as declared
 * @param createOptions JSON object
 * @param env as declared
 */
public record SystemModule(
    String type,
    DesiredStatus status,
    RestartPolicy restartPolicy,
    String pullPolicy,
    long startupOrder,
    String image,
    String createOptions,
    Map<String, String> env) {

  public SystemModule {
    env = Map.copyOf(env);
  }
}
