package io.gantry.agent.manifest;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rule of the IoT Edge agent: two to four numbers, major 1, not above 1.1.0, where a number
 * that is left out counts as less than zero ({@code 1.1} is below {@code 1.1.0}, {@code 1.1.0.0}
 * above).
 */
final class SchemaVersion {

  private static final Pattern FORM = Pattern.compile("\\d{1,9}(\\.\\d{1,9}){1,3}");
  private static final int[] NEWEST = {1, 1, 0, -1};

  private SchemaVersion() {}

  /** What is wrong with it; empty when nothing. */
  static Optional<String> error(Node node) {
    String text = node.scalar().orElse("").strip();
    if (!FORM.matcher(text).matches()) {
      String found = node.isAbsent() ? "nothing" : Node.quote(text);
      return Optional.of(node.path() + ": expected a version as 1.0 or 1.1, found " + found);
    }
    int[] version = numbers(text);
    return version[0] == NEWEST[0] && compare(version, NEWEST) <= 0
        ? Optional.empty()
        : Optional.of(node.path() + ": expected 1.0 to 1.1.0, found " + Node.quote(text));
  }

  private static int[] numbers(String text) {
    int[] numbers = {-1, -1, -1, -1};
    String[] parts = text.split("\\.");
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = Integer.parseInt(parts[i]);
    }
    return numbers;
  }

  private static int compare(int[] left, int[] right) {
    for (int i = 0; i < left.length; i++) {
      if (left[i] != right[i]) {
        return Integer.compare(left[i], right[i]);
      }
    }
    return 0;
  }
}
