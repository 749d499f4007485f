package io.gantry.bench.process;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Java that the gateway is started with.
 *
 * @param home its folder; null leaves the choice to the start script
 * @param options further options, separated by blanks
 */
public record JavaRuntime(@Nullable Path home, String options) {

  /** What {@code -Djava=FOLDER} and {@code -Doptions=...} of this program say. */
  public static JavaRuntime ofProperties() {
    String home = System.getProperty("java");
    return new JavaRuntime(home == null ? null : Path.of(home), System.getProperty("options", ""));
  }

  void into(Map<String, String> environment) {
    if (home != null) {
      environment.put("JAVA_HOME", home.toString());
    }
    environment.put("GANTRY_OPTS", options);
  }
}
