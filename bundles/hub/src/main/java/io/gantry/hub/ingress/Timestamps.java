package io.gantry.hub.ingress;

import java.time.Instant;

/**
 * The text of an instant, as {@link Instant#toString} makes it: of the thousands in one second only
 * the digits behind it differ. Safe for use by any number of threads.
 */
final class Timestamps {

  private static final int MILLI = 1_000_000;
  private static final int MICRO = 1_000;

  private record Second(long value, String text) {

    static Second of(long value) {
      String text = Instant.ofEpochSecond(value).toString();
      return new Second(value, text.substring(0, text.length() - 1));
    }
  }

  private volatile Second latest = Second.of(0);

  String text(Instant instant) {
    Second second = latest;
    if (second.value != instant.getEpochSecond()) {
      second = Second.of(instant.getEpochSecond());
      latest = second;
    }
    int nano = instant.getNano();
    if (nano == 0) {
      return second.text + "Z";
    } else if (nano % MILLI == 0) {
      return text(second, nano / MILLI, 3);
    } else if (nano % MICRO == 0) {
      return text(second, nano / MICRO, 6);
    }
    return text(second, nano, 9);
  }

  private static String text(Second second, int fraction, int digits) {
    int start = second.text.length();
    StringBuilder text = new StringBuilder(start + digits + 2).append(second.text).append('.');
    text.setLength(start + 1 + digits);
    int rest = fraction;
    for (int i = start + digits; i > start; i--) {
      text.setCharAt(i, (char) ('0' + rest % 10));
      rest /= 10;
    }
    return text.append('Z').toString();
  }
}
