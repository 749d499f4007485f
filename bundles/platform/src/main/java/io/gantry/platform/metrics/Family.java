package io.gantry.platform.metrics;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All series of one name. */
abstract class Family {

  private final String name;
  private final String type;
  private final String help;
  private final List<String> labels;

  Family(String name, String type, String help, List<String> labels) {
    TextFormat.checkName(name);
    labels.forEach(TextFormat::checkLabel);
    this.name = name;
    this.type = type;
    this.help = help;
    this.labels = List.copyOf(labels);
  }

  final String name() {
    return name;
  }

  final List<String> labelNames() {
    return labels;
  }

  /** Whether another one may be used in its place, or takes it. */
  final boolean isLike(Family other) {
    return getClass() == other.getClass() && type.equals(other.type) && labels.equals(other.labels);
  }

  /** Writes it; nothing when it has no series. */
  abstract void write(TextFormat to) throws IOException;

  final void head(TextFormat to) throws IOException {
    to.head(name, type, help);
  }

  final Map<String, String> labels(List<String> values) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      all.put(labels.get(i), values.get(i));
    }
    return all;
  }
}
