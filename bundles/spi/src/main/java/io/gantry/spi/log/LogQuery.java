package io.gantry.spi.log;

import java.time.Instant;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * Which lines are wanted; all conditions hold together.
 *
 * @param since lines of this moment or later
 * @param until lines before this moment
 * @param tail only the last so many of those that the other conditions leave; at least 1
 * @param level whether lines of a level are wanted
 * @param text whether lines of a text are wanted
 */
public record LogQuery(
    Optional<Instant> since,
    Optional<Instant> until,
    int tail,
    IntPredicate level,
    Predicate<String> text) {

  /** Everything that is still there. */
  public static final LogQuery ALL =
      new LogQuery(
          Optional.empty(), Optional.empty(), Integer.MAX_VALUE, level -> true, text -> true);
}
