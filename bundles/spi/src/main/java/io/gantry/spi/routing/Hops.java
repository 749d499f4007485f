package io.gantry.spi.routing;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import java.util.Optional;

/**
 * How often routes have handed a message into topics ({@link SystemProperty#HOPS}): whoever hands
 * it on counts, and whoever takes it in looks whether it goes round in a circle.
 */
public final class Hops {

  /** More often than any message that comes to an end. */
  private static final int MANY = 999_999;

  private static final int MOST_DIGITS = 6;

  private Hops() {}

  /** How often so far; what is no number was not written by us and counts as very often. */
  public static int of(Message message) {
    Optional<String> hops = message.systemProperty(SystemProperty.HOPS);
    if (hops.isEmpty()) {
      return 0;
    }
    return isNumber(hops.get()) ? Integer.parseInt(hops.get()) : MANY;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() <= MOST_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** The message as it is when it is handed on once more. */
  public static Message next(Message message) {
    int next = Math.min(of(message) + 1, MANY);
    return message.withSystemProperty(SystemProperty.HOPS, Integer.toString(next));
  }
}
