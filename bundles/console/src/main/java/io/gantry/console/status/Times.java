package io.gantry.console.status;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * Moments for people, in their zone and with its offset: nobody has to guess, and the text can be
 * given back as {@code --since}.
 */
public final class Times {

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX");

  private Times() {}

  /** To the second. */
  public static String seconds(Instant time, ZoneId zone) {
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
        time.truncatedTo(ChronoUnit.SECONDS).atZone(zone));
  }

  /** To the thousandth of a second. */
  public static String millis(Instant time, ZoneId zone) {
    return MILLIS.format(time.atZone(zone));
  }
}
