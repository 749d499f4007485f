package io.gantry.module.host.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The configuration of this bundle.
 *
 * @param repositories addresses in order of preference
 * @param cache folder of the downloaded jars
 * @param startTimeLimit how long a module may take to start or to stop
 */
public record HostSettings(List<String> repositories, Path cache, Duration startTimeLimit) {

  public HostSettings {
    repositories = List.copyOf(repositories);
    if (!cache.isAbsolute()) {
      throw new IllegalArgumentException(
          "io.gantry.module.host: cache: expected an absolute path, found '" + cache + "'");
    }
    if (startTimeLimit.isNegative() || startTimeLimit.isZero()) {
      throw new IllegalArgumentException(
          "io.gantry.module.host: startTimeLimitSeconds: expected at least 1, found "
              + startTimeLimit.toSeconds());
    }
  }
}
