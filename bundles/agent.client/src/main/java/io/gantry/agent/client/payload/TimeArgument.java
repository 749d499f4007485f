package io.gantry.agent.client.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A moment as callers write it: RFC 3339, seconds since 1970, or how long ago ({@code 1d 12h 30m},
 * {@code 90 minutes}).
 */
public final class TimeArgument {

  private static final Pattern SECONDS = Pattern.compile("\\d{1,12}");
  private static final Pattern PART = Pattern.compile("\\s*(\\d{1,9})\\s*([a-zA-Z]+)\\s*");

  private static final Map<String, Duration> UNITS =
      Map.ofEntries(
          Map.entry("s", Duration.ofSeconds(1)),
          Map.entry("sec", Duration.ofSeconds(1)),
          Map.entry("second", Duration.ofSeconds(1)),
          Map.entry("m", Duration.ofMinutes(1)),
          Map.entry("min", Duration.ofMinutes(1)),
          Map.entry("minute", Duration.ofMinutes(1)),
          Map.entry("h", Duration.ofHours(1)),
          Map.entry("hr", Duration.ofHours(1)),
          Map.entry("hour", Duration.ofHours(1)),
          Map.entry("d", Duration.ofDays(1)),
          Map.entry("day", Duration.ofDays(1)),
          Map.entry("w", Duration.ofDays(7)),
          Map.entry("week", Duration.ofDays(7)));

  private TimeArgument() {}

  /** The moment that may be given. */
  public static Optional<Instant> find(Arguments arguments, String name, Instant now)
      throws BadArgumentException {
    Optional<JsonElement> given = arguments.find(name);
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (given.get() instanceof JsonPrimitive primitive && !primitive.isBoolean()) {
      try {
        return Optional.of(moment(primitive.getAsString().strip(), now));
      } catch (DateTimeException | ArithmeticException malformed) {
        throw expected(arguments, name, given.get());
      }
    }
    throw expected(arguments, name, given.get());
  }

  private static BadArgumentException expected(
      Arguments arguments, String name, JsonElement found) {
    return Arguments.expected(
        arguments.place(name),
        "a time as 2026-01-31T12:00:00Z, seconds since 1970, or a duration as 1d 12h 30m",
        found);
  }

  private static Instant moment(String text, Instant now) {
    if (SECONDS.matcher(text).matches()) {
      return Instant.ofEpochSecond(Long.parseLong(text));
    }
    return text.indexOf('T') == 10 || text.indexOf('t') == 10
        ? OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant()
        : now.minus(duration(text));
  }

  private static Duration duration(String text) {
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (end < text.length()) {
      if (!part.region(end, text.length()).lookingAt()) {
        throw new DateTimeException("not a duration");
      }
      sum = sum.plus(unit(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
      end = part.end();
    }
    if (end == 0) {
      throw new DateTimeException("not a duration");
    }
    return sum;
  }

  private static Duration unit(String word) {
    String singular =
        word.length() > 1 && word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
    Duration unit = UNITS.get(singular);
    if (unit == null) {
      throw new DateTimeException("no unit");
    }
    return unit;
  }
}
