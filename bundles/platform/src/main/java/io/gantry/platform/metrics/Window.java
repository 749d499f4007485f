package io.gantry.platform.metrics;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was observed within the last hour, and the sum and number of all. Exact, since it is small:
 * what is observed here happens a few times an hour, and of a storm the newest are enough.
 */
final class Window {

  private static final long MILLIS = 3_600_000;
  private static final int MOST = 500;

  private record Observation(long at, double value) {}

  private final Deque<Observation> newest = new ArrayDeque<>();
  private double sum;
  private long count;

  void observe(double value, long now) {
    if (newest.size() == MOST) {
      newest.removeFirst();
    }
    newest.addLast(new Observation(now, value));
    sum += value;
    count++;
  }

  /** The values of the last hour, smallest first. What a clock set back makes future is no part. */
  double[] recent(long now) {
    return newest.stream()
        .filter(one -> one.at() <= now && now - one.at() < MILLIS)
        .mapToDouble(Observation::value)
        .sorted()
        .toArray();
  }

  /** Of sorted values the smallest that so many of them do not exceed; not a number for none. */
  static double quantile(double[] sorted, double quantile) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(quantile * sorted.length);
    return sorted[Math.max(rank, 1) - 1];
  }

  double sum() {
    return sum;
  }

  long count() {
    return count;
  }
}
