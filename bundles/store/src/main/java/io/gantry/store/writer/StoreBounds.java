package io.gantry.store.writer;

import java.time.Duration;

/**
 * How much may wait, and what happens when it is too much.
 *
 * @param maxBytes bound of the disk space of all queues, at least four segments; while files are
 *     merged, one segment more is in use
 * @param endpointPercent how much of it may wait for one receiver, 1 to 100 percent, at least two
 *     segments
 * @param warningPercent from how much of either bound on operators are warned, 1 to 100 percent
 * @param whenFull what happens when a bound is reached
 * @param maxAge how long a record waits at most, up to 100 years; zero is for ever
 */
public record StoreBounds(
    long maxBytes, int endpointPercent, int warningPercent, WhenFull whenFull, Duration maxAge) {

  private static final int DEFAULT_ENDPOINT_PERCENT = 75;
  private static final int DEFAULT_WARNING_PERCENT = 80;
  private static final long MAX_DAYS = 36_500;

  /** What happens when a bound is reached. */
  public enum WhenFull {
    /** New records are refused. */
    REFUSE,
    /** The oldest records are dropped and counted. */
    DROP_OLDEST
  }

  public StoreBounds {
    StoreSettings.within("endpointPercent", endpointPercent, 1, 100);
    StoreSettings.within("warningPercent", warningPercent, 1, 100);
    StoreSettings.within(
        "maxAgeSeconds", maxAge.toSeconds(), 0, Duration.ofDays(MAX_DAYS).toSeconds());
  }

  /** A bound of bytes that refuses, with the usual shares and no bound of age. */
  public static StoreBounds of(long maxBytes) {
    return new StoreBounds(
        maxBytes,
        DEFAULT_ENDPOINT_PERCENT,
        DEFAULT_WARNING_PERCENT,
        WhenFull.REFUSE,
        Duration.ZERO);
  }

  /** How many bytes may wait for one receiver. */
  public long endpointBytes() {
    return percent(endpointPercent);
  }

  private long percent(int percent) {
    return percent == 100 ? maxBytes : maxBytes / 100 * percent;
  }

  /** Whether so much of a bound is in use that operators are warned. */
  public boolean isMuch(long used, long bound) {
    return used > bound / 100 * warningPercent;
  }
}
