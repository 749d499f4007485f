package io.gantry.launcher.run;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The start levels of the system bundles, as the build wrote them into {@code launcher.properties}:
 * property {@code launch.runbundles.attrs}, a list of {@code symbolic-name;startlevel=N}.
 */
final class StartLevels {

  private static final String KEY = "launch.runbundles.attrs";
  private static final String ATTRIBUTE = "startlevel=";
  private static final int DEFAULT = 5;

  private final Map<String, Integer> levels;

  private StartLevels(Map<String, Integer> levels) {
    this.levels = Map.copyOf(levels);
  }

  static StartLevels read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return parse(properties.getProperty(KEY, ""));
  }

  static StartLevels parse(String list) {
    Map<String, Integer> levels = new HashMap<>();
    for (String entry : split(list, ',')) {
      List<String> parts = split(entry, ';');
      for (String part : parts.subList(1, parts.size())) {
        if (part.startsWith(ATTRIBUTE)) {
          levels.put(parts.get(0), Integer.valueOf(unquoted(part.substring(ATTRIBUTE.length()))));
        }
      }
    }
    return new StartLevels(levels);
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\'') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(text.substring(start).strip());
    return parts;
  }

  private static String unquoted(String text) {
    return text.replace("\"", "").replace("'", "");
  }

  /** The start level of a bundle. */
  int of(String symbolicName) {
    return levels.getOrDefault(symbolicName, DEFAULT);
  }

  /** The level at which everything is started. */
  int highest() {
    int highest = DEFAULT;
    for (int level : levels.values()) {
      highest = Math.max(highest, level);
    }
    return highest;
  }
}
