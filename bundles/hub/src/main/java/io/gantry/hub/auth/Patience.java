package io.gantry.hub.auth;

import java.time.Duration;
import java.time.Instant;

/**
 * How much of it is left with somebody who fails: so many failures at once, one more after each
 * interval, and after those a pause that doubles with each failure that follows. Immutable.
 */
final class Patience {

  /**
   * How much there is.
   *
   * @param failures so many in a row lead to a pause
   * @param forgiven after such a time one of them is forgotten
   */
  record Limit(int failures, Duration forgiven) {}

  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final double failures;
  private final int pauses;
  private final Instant last;
  private final Instant until;

  private Patience(double failures, int pauses, Instant last, Instant until) {
    this.failures = failures;
    this.pauses = pauses;
    this.last = last;
    this.until = until;
  }

  /** With somebody who has not failed yet. */
  static Patience unbroken(Instant now) {
    return new Patience(0, 0, now, now);
  }

  /** After a failure. */
  Patience after(Limit limit, Instant now) {
    double left = failures - (double) millis(last, now) / limit.forgiven().toMillis();
    double sum = Math.max(0, left) + 1;
    int former = left < 1 ? 0 : pauses;
    return sum < limit.failures()
        ? new Patience(sum, former, now, now)
        : new Patience(limit.failures(), former + 1, now, now.plus(pause(former)));
  }

  /** A clock that was set back forgives nothing. */
  private static long millis(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis());
  }

  private static Duration pause(int former) {
    Duration pause = FIRST_PAUSE;
    for (int i = 0; i < former && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /** Whether attempts are not looked at; nor for ever, should the clock have been set back. */
  boolean isOver(Instant now) {
    return now.isBefore(until) && !now.isBefore(last);
  }

  /** Until when. */
  Instant until() {
    return until;
  }

  /** When the last failure was. */
  Instant last() {
    return last;
  }
}
