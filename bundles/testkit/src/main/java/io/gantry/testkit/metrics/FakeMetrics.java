package io.gantry.testkit.metrics;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings;
import io.gantry.spi.metrics.Summary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps all that it is told and forgets nothing. A series is written as {@code name{label="value"}}
 * without a brace when there are no labels. Safe for use by any number of threads.
 */
public final class FakeMetrics implements Metrics {

  private final Map<String, Shape> shapes = new ConcurrentHashMap<>();
  private final Map<String, Double> counted = new ConcurrentHashMap<>();
  private final Map<String, List<Double>> observed = new ConcurrentSkipListMap<>();
  private final Map<String, Reading> readings = new ConcurrentHashMap<>();

  private volatile Map<String, String> common = Map.of();

  private record Shape(String kind, String manner, List<String> labels) {}

  private record Reading(String[] labels, Readings readings) {}

  /** What is counted and what can be read, by series. */
  public SortedMap<String, Double> values() {
    SortedMap<String, Double> values = new TreeMap<>(counted);
    readings.forEach(
        (name, reading) ->
            reading
                .readings()
                .read(
                    (value, labels) -> values.put(series(name, reading.labels(), labels), value)));
    return values;
  }

  /** What all series had in common when they were last written. */
  public Map<String, String> common() {
    return common;
  }

  /** What was observed, by series, oldest first. */
  public SortedMap<String, List<Double>> observed() {
    SortedMap<String, List<Double>> copy = new TreeMap<>();
    observed.forEach((series, values) -> copy.put(series, List.copyOf(values)));
    return copy;
  }

  /** What was asked for, sorted, as {@code kind name label,label}. */
  public List<String> shapes() {
    return shapes.entrySet().stream()
        .map(one -> line(one.getKey(), one.getValue()))
        .sorted()
        .toList();
  }

  private static String line(String name, Shape shape) {
    return shape.kind() + " " + name + " " + String.join(",", shape.labels());
  }

  @Override
  public Counter counter(String name, String help, String... labels) {
    check(name, "counter", "kept", labels);
    return values -> counted.merge(series(name, labels, values), 1.0, Double::sum);
  }

  @Override
  public Summary summary(String name, String help, String... labels) {
    check(name, "summary", "kept", labels);
    return (value, values) ->
        observed
            .computeIfAbsent(series(name, labels, values), key -> new CopyOnWriteArrayList<>())
            .add(value);
  }

  @Override
  public Cancellable readCounter(String name, String help, Readings readings, String... labels) {
    check(name, "counter", "read", labels);
    return read(name, new Reading(labels, readings));
  }

  @Override
  public Cancellable readGauge(String name, String help, Readings readings, String... labels) {
    check(name, "gauge", "read", labels);
    return read(name, new Reading(labels, readings));
  }

  private Cancellable read(String name, Reading reading) {
    readings.put(name, reading);
    return () -> readings.remove(name, reading);
  }

  private void check(String name, String kind, String manner, String... labels) {
    Shape shape = new Shape(kind, manner, List.of(labels));
    Shape known = shapes.putIfAbsent(name, shape);
    if (known != null && !known.equals(shape)) {
      throw new IllegalArgumentException(name + ": expected " + known + ", found " + shape);
    }
  }

  private static String series(String name, String[] labels, String... values) {
    if (labels.length != values.length) {
      throw new IllegalArgumentException(
          name + ": expected values of " + List.of(labels) + ", found " + List.of(values));
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      pairs.add(labels[i] + "=\"" + values[i] + "\"");
    }
    return pairs.isEmpty() ? name : name + "{" + String.join(",", pairs) + "}";
  }

  /** A line for each value, without what they have in common, and that a summary is there. */
  @Override
  public void write(Map<String, String> common, Appendable out) throws IOException {
    this.common = new LinkedHashMap<>(common);
    for (Map.Entry<String, Double> one : values().entrySet()) {
      out.append(one.getKey()).append(' ').append(one.getValue().longValue() + "\n");
    }
    for (Map.Entry<String, List<Double>> one : observed.entrySet()) {
      String series = one.getKey();
      int brace = series.contains("{") ? series.indexOf('{') : series.length();
      out.append(series, 0, brace).append("_count").append(series, brace, series.length());
      out.append(" " + one.getValue().size() + "\n");
    }
  }
}
