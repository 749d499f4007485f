package io.gantry.launcher.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the launcher starts the framework with, so that a test's framework is the one that ships.
 */
public final class ShippedProperties {

  private final StartLevels levels;

  private ShippedProperties(StartLevels levels) {
    this.levels = levels;
  }

  /** Those of a distribution. */
  public static ShippedProperties of(Path home) {
    try {
      return new ShippedProperties(
          StartLevels.read(home.resolve("system").resolve("launcher.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The framework's properties. */
  public Map<String, String> framework(Path home, Path data, Path conf) {
    try {
      return FrameworkProperties.of(home, data, conf, highest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The start level of a bundle. */
  public int levelOf(String symbolicName) {
    return levels.of(symbolicName);
  }

  /** The start level at which everything is started. */
  public int highest() {
    return levels.highest();
  }
}
