package io.gantry.agent.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build this is.
 *
 * @param version of the runtime
 * @param build number, when a build server gave one
 * @param commit hash, when a build server gave one
 */
public record Build(String version, String build, String commit) {

  private static final String FILE = "build.properties";

  /** As the build has written it into this bundle. */
  public static Build ofThisBundle() {
    Properties properties = new Properties();
    try (InputStream file = Build.class.getResourceAsStream(FILE)) {
      if (file != null) {
        properties.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FILE + " of the agent's own bundle", e);
    }
    return new Build(
        value(properties, "version"), value(properties, "build"), value(properties, "commit"));
  }

  private static String value(Properties properties, String key) {
    String value = properties.getProperty(key, "").strip();
    return value.startsWith("${") ? "" : value;
  }
}
