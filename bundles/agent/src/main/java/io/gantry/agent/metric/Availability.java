package io.gantry.agent.metric;

import io.gantry.spi.metrics.Readings.Readout;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * For how long modules were declared to run, and for how long of that they did. Between two looks
 * all is as it was at the first: the agent looks whenever something happens. Noted by the agent's
 * executor only, told to any thread.
 *
 * <p>The agent looks once a minute at least. So a time between two looks that is longer than a few
 * is none that passed: the clock was set, or the machine slept. It counts for nothing.
 */
public final class Availability {

  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final double MILLIS = 1_000;

  private final InstantSource time;
  private volatile State state = new State(Instant.EPOCH, Map.of());

  /**
   * A module as it is looked at.
   *
   * @param name its name
   * @param expected whether it is declared to run
   * @param correct whether it runs and is healthy
   */
  public record Look(String name, boolean expected, boolean correct) {}

  private record Sum(Look last, Duration expected, Duration correct) {

    static Sum of(Look first) {
      return new Sum(first, Duration.ZERO, Duration.ZERO);
    }

    Sum now(Look next) {
      return new Sum(next, expected, correct);
    }

    Sum plus(Duration passed) {
      return new Sum(
          last,
          last.expected() ? expected.plus(passed) : expected,
          last.expected() && last.correct() ? correct.plus(passed) : correct);
    }
  }

  private record State(Instant at, Map<String, Sum> sums) {}

  Availability(InstantSource time) {
    this.time = time;
  }

  /** All modules as they are now; what is known of others is forgotten. */
  public void note(Collection<Look> modules) {
    Instant now = time.instant();
    Duration passed = passed(now);
    Map<String, Sum> sums = new HashMap<>();
    for (Look look : modules) {
      Sum known = state.sums().get(look.name());
      sums.put(look.name(), known == null ? Sum.of(look) : known.plus(passed).now(look));
    }
    state = new State(now, sums);
  }

  private Duration passed(Instant now) {
    Duration passed = Duration.between(state.at(), now);
    return passed.isNegative() || passed.compareTo(LONGEST) > 0 ? Duration.ZERO : passed;
  }

  void tellExpected(Readout to) {
    tell(to, Sum::expected);
  }

  void tellCorrect(Readout to) {
    tell(to, Sum::correct);
  }

  private void tell(Readout to, Function<Sum, Duration> which) {
    State known = state;
    Duration passed = passed(time.instant());
    known
        .sums()
        .forEach((name, sum) -> to.value(which.apply(sum.plus(passed)).toMillis() / MILLIS, name));
  }
}
