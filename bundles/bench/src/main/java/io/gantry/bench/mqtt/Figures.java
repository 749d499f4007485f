package io.gantry.bench.mqtt;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What one run gave.
 *
 * @param rate messages acknowledged in a second
 * @param p50 the middle of the times from sending to acknowledgement, in milliseconds
 * @param p99 one in a hundred took longer
 * @param p999 one in a thousand took longer
 * @param cpu microseconds of the broker's processor time for each message
 * @param resident the broker's resident memory at the end, in MB
 */
record Figures(double rate, double p50, double p99, double p999, double cpu, double resident) {

  static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-28s %9s %8s %8s %8s %10s %7s",
          "",
          "msg/s",
          "p50 ms",
          "p99 ms",
          "p99.9",
          "CPU us/msg",
          "RSS MB");

  /** The median of each column. */
  static Figures median(List<Figures> rounds) {
    return new Figures(
        median(rounds, Figures::rate),
        median(rounds, Figures::p50),
        median(rounds, Figures::p99),
        median(rounds, Figures::p999),
        median(rounds, Figures::cpu),
        median(rounds, Figures::resident));
  }

  private static double median(List<Figures> rounds, ToDoubleFunction<Figures> column) {
    double[] sorted = rounds.stream().mapToDouble(column).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static double microseconds(Duration cpu, long messages) {
    return cpu.toNanos() / 1000.0 / messages;
  }

  String row(String name) {
    return String.format(
        Locale.ROOT,
        "%-28s %,9.0f %8.2f %8.2f %8.2f %10.2f %7.1f",
        name,
        rate,
        p50,
        p99,
        p999,
        cpu,
        resident);
  }
}
