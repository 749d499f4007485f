package io.gantry.module.log.line;

import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;

/** Whether a line is one of those that somebody asks for, but for how many of them. */
public final class Wanted {

  private Wanted() {}

  /** Whether all conditions hold for the line. */
  public static boolean is(LogQuery query, LogLine line) {
    return query.since().map(since -> !line.time().isBefore(since)).orElse(true)
        && query.until().map(until -> line.time().isBefore(until)).orElse(true)
        && query.level().test(line.level())
        && query.text().test(line.text());
  }
}
