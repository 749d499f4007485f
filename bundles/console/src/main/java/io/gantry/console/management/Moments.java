package io.gantry.console.management;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Moments and zones in the parameters of a call. A moment is a date and time (RFC 3339), the same
 * without an offset in the caller's zone, or a span back from now such as {@code 90min} or {@code
 * 1d12h}.
 */
final class Moments {

  private static final Pattern SPAN = Pattern.compile("(?:\\d{1,6}\\s*(?:d|h|min|m|s)\\s*)+");
  private static final Pattern PART = Pattern.compile("(\\d{1,6})\\s*(d|h|min|m|s)");

  private final Call call;
  private final Instant now;

  Moments(Call call, Instant now) {
    this.call = call;
    this.now = now;
  }

  /** The zone of the parameter {@code zone}; UTC unless it is given. */
  static ZoneId zone(Call call) throws ApiException {
    String text = call.parameter("zone").orElse("Z");
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new ApiException(400, "zone: expected one such as Europe/Berlin, found '" + text + "'");
    }
  }

  /** A parameter. */
  Optional<Instant> read(String name) throws ApiException {
    Optional<String> text = call.parameter(name);
    return text.isEmpty() ? Optional.empty() : Optional.of(parse(name, text.get().strip()));
  }

  private Instant parse(String name, String text) throws ApiException {
    if (SPAN.matcher(text).matches()) {
      return now.minus(span(text));
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      // perhaps without an offset
    }
    try {
      return LocalDateTime.parse(text).atZone(zone(call)).toInstant();
    } catch (DateTimeException e) {
      throw new ApiException(
          400,
          name
              + ": expected a span such as 90min, 2h or 1d12h, or a time such as"
              + " 2026-03-01T08:00:00Z, found '"
              + text
              + "'");
    }
  }

  private static Duration span(String text) {
    Duration span = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      span =
          span.plus(
              switch (part.group(2)) {
                case "d" -> Duration.ofDays(number);
                case "h" -> Duration.ofHours(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
              });
    }
    return span;
  }
}
