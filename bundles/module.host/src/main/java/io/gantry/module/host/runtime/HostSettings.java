package io.gantry.module.host.runtime;

import io.gantry.module.host.repository.RepositorySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The configuration of this bundle.
 *
 * @param repositories what is configured about them
 * @param cache folder of the downloaded jars
 */
public record HostSettings(RepositorySettings repositories, Path cache, Limits limits) {

  /**
   * How long modules may take.
   *
   * @param start to start, or to stop
   * @param health to become healthy: a newcomer of a swap; to be temporarily unavailable: any
   * @param drain to answer what they were given, before they are stopped
   * @param healthPeriod between two rounds through their health checks; zero for no rounds
   */
  public record Limits(Duration start, Duration health, Duration drain, Duration healthPeriod) {

    public Limits {
      check("startTimeLimitSeconds", start, !start.isNegative() && !start.isZero());
      check("healthTimeLimitSeconds", health, !health.isNegative() && !health.isZero());
      check("drainTimeLimitSeconds", drain, !drain.isNegative());
      check("healthPeriodSeconds", healthPeriod, !healthPeriod.isNegative());
    }

    private static void check(String key, Duration value, boolean good) {
      if (!good) {
        throw new IllegalArgumentException(
            "io.gantry.module.host: "
                + key
                + ": expected a time that can be, found "
                + value.toSeconds());
      }
    }
  }

  /** With these repositories, and nothing else that is out of the usual. */
  public HostSettings(List<String> repositories, Path cache, Limits limits) {
    this(RepositorySettings.of(repositories), cache, limits);
  }

  public HostSettings {
    if (!cache.isAbsolute()) {
      throw new IllegalArgumentException(
          "io.gantry.module.host: cache: expected an absolute path, found '" + cache + "'");
    }
  }
}
