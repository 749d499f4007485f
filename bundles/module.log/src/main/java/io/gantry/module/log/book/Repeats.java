package io.gantry.module.log.book;

import io.gantry.spi.log.LogLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A line that says the same as the one before is written again only every 10 s; how often it came
 * meanwhile is a line of its own. A module that fails a thousand times a second would otherwise
 * push out of its log why it began. For one thread.
 */
final class Repeats {

  static final Duration WINDOW = Duration.ofSeconds(10);

  private @Nullable LogLine last;
  private Instant latest = Instant.EPOCH;
  private long count;

  /** What is to be written now that this line has come. */
  List<LogLine> take(LogLine line) {
    if (repeats(line)) {
      count++;
      latest = line.time();
      return List.of();
    }
    Optional<LogLine> before = end();
    last = line;
    return before.isPresent() ? List.of(before.get(), line) : List.of(line);
  }

  private boolean repeats(LogLine line) {
    return last != null
        && line.level() == last.level()
        && !line.time().isBefore(last.time())
        && line.time().isBefore(last.time().plus(WINDOW))
        && line.text().equals(last.text());
  }

  /** What is to be said of repetitions that have not been spoken of. */
  Optional<LogLine> end() {
    if (count == 0 || last == null) {
      return Optional.empty();
    }
    String text = count == 1 ? "last line repeated once" : "last line repeated " + count + " times";
    count = 0;
    return Optional.of(new LogLine(latest, last.level(), text));
  }

  /** Whether there is something to be said. */
  boolean waiting() {
    return count > 0;
  }
}
