package io.gantry.routing.lang;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The path behind {@code $body}: names, dots and indexes. */
final class BodyPath {

  private static final Pattern STEP = Pattern.compile("\\.([^.\\[\\]]+)|\\[(\\d{1,9})\\]");

  private BodyPath() {}

  static List<Object> parse(String path, int column) throws RouteSyntaxException {
    List<Object> steps = new ArrayList<>();
    Matcher step = STEP.matcher(path);
    int at = 0;
    while (at < path.length()) {
      if (!step.find(at) || step.start() != at) {
        throw new RouteSyntaxException(
            column + at,
            "expected .name or [number] in the path of $body, found '" + path.substring(at) + "'");
      }
      steps.add(step.group(1) != null ? step.group(1) : Integer.valueOf(step.group(2)));
      at = step.end();
    }
    return List.copyOf(steps);
  }
}
