package io.gantry.bench.swap;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Durations, in order.
 *
 * @param sorted in nanoseconds
 */
record Sample(long[] sorted) {

  private static final double MILLIS = 1e6;

  static Sample of(List<Long> nanos) {
    long[] values = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(values);
    return new Sample(values);
  }

  private double millis(double part) {
    int place = (int) Math.ceil(part * sorted.length) - 1;
    return sorted.length == 0 ? 0 : sorted[Math.max(0, place)] / MILLIS;
  }

  /** In milliseconds. */
  String row(String name) {
    return String.format(
        Locale.ROOT,
        "%-42s p50 %8.2f   p99 %8.2f   max %8.2f ms   (%d)",
        name,
        millis(0.5),
        millis(0.99),
        millis(1),
        sorted.length);
  }
}
