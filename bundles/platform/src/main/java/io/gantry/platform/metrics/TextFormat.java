package io.gantry.platform.metrics;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The text format 0.0.4 of Prometheus, as its documentation has it: two comments, then a line for
 * each series; backslashes, line feeds and, in values of labels, quotes are escaped.
 */
final class TextFormat {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");

  // below it every whole number is one that a double holds
  private static final double WHOLE = 1L << 53;

  private final Map<String, String> common;
  private final Appendable out;

  /**
   * Writes to there.
   *
   * @param common labels of every series
   */
  TextFormat(Map<String, String> common, Appendable out) {
    common.keySet().forEach(TextFormat::checkLabel);
    this.common = common;
    this.out = out;
  }

  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("expected the name of a metric, found '" + name + "'");
    }
  }

  static void checkLabel(String label) {
    if (!LABEL.matcher(label).matches()) {
      throw new IllegalArgumentException("expected the name of a label, found '" + label + "'");
    }
  }

  void head(String name, String type, String help) throws IOException {
    out.append("# HELP ").append(name).append(' ').append(escaped(help, false)).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  void line(String name, Map<String, String> labels, double value) throws IOException {
    Map<String, String> all = new LinkedHashMap<>(common);
    all.putAll(labels);
    out.append(name);
    String separator = "{";
    for (Map.Entry<String, String> label : all.entrySet()) {
      out.append(separator).append(label.getKey()).append("=\"");
      out.append(escaped(label.getValue(), true)).append('"');
      separator = ",";
    }
    out.append(all.isEmpty() ? " " : "} ").append(number(value)).append('\n');
  }

  private static String escaped(String text, boolean quoted) {
    String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
    return quoted ? escaped.replace("\"", "\\\"") : escaped;
  }

  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < WHOLE;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }
}
