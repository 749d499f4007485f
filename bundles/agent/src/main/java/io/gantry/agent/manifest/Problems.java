package io.gantry.agent.manifest;

import java.util.ArrayList;
import java.util.List;

/** What was found wrong while reading, in reading order; bounded, since texts may be hostile. */
final class Problems {

  private static final int MOST = 50;

  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void error(String path, String expected, String found) {
    error(path + ": expected " + expected + ", found " + found);
  }

  void error(String sentence) {
    add(errors, sentence);
  }

  void warning(String path, String text) {
    add(warnings, path + ": " + text);
  }

  List<String> errors() {
    return List.copyOf(errors);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  private static void add(List<String> to, String sentence) {
    if (to.size() < MOST) {
      to.add(sentence);
    } else if (to.size() == MOST) {
      to.add("there are more than " + MOST + "; the others are not listed");
    }
  }
}
