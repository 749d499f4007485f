package io.gantry.routing.pump;

import java.time.Duration;
import java.util.List;

/**
 * What a pump does, and why it does not. The methods are pure: they say what comes next and what is
 * to be done; the pump does it. An event that means nothing in a state leaves it as it is, which is
 * written down here for each, because a wake-up that is lost is a queue that stands still.
 *
 * <p>A wake-up carries the number of the back-off it was ordered for: one that is late wakes
 * nobody.
 */
sealed interface PumpState {

  Duration FIRST_PAUSE = Duration.ofSeconds(1);
  Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /** What is to be done. */
  sealed interface Effect {
    /** Hand over messages as long as the window is open. */
    record Send() implements Effect {}

    /** Call {@link PumpState#woken} after the pause. */
    record WakeAfter(Duration pause, int attempt) implements Effect {}
  }

  /** The next state and what is to be done. */
  record Next(PumpState state, List<Effect> effects) {}

  /** The name that operators see. */
  String label();

  /** Something was added to the queue, or the window opened. */
  default Next ready() {
    return stay();
  }

  /** An endpoint came, or tells that it serves the address again. */
  default Next resumed() {
    return stay();
  }

  /** There is nothing more to send now. */
  default Next drained() {
    return stay();
  }

  /** A message was delivered. */
  default Next delivered() {
    return stay();
  }

  /**
   * The receiver could not take a message now, or did not answer, or the store could not be read.
   */
  default Next refused() {
    return stay();
  }

  /** Nobody serves the address. */
  default Next gone() {
    return stay();
  }

  /** A pause is over. */
  default Next woken(int attempt) {
    return stay();
  }

  private Next stay() {
    return new Next(this, List.of());
  }

  private static Next go(PumpState state, Effect... effects) {
    return new Next(state, List.of(effects));
  }

  private static Next pause(int attempt) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt, 6));
    Duration bounded = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    return go(new Backoff(attempt), new Effect.WakeAfter(bounded, attempt));
  }

  /** Nothing waits. */
  record Idle() implements PumpState {
    @Override
    public String label() {
      return "idle";
    }

    @Override
    public Next ready() {
      return go(new Sending(0), new Effect.Send());
    }

    @Override
    public Next resumed() {
      return ready();
    }

    @Override
    public Next refused() {
      return pause(0);
    }

    @Override
    public Next gone() {
      return go(new Absent());
    }
  }

  /**
   * Messages are on their way.
   *
   * @param failures refusals in a row
   */
  record Sending(int failures) implements PumpState {
    @Override
    public String label() {
      return "sending";
    }

    @Override
    public Next ready() {
      return go(this, new Effect.Send());
    }

    @Override
    public Next resumed() {
      return ready();
    }

    @Override
    public Next drained() {
      return go(new Idle());
    }

    @Override
    public Next delivered() {
      return go(new Sending(0));
    }

    @Override
    public Next refused() {
      return pause(failures);
    }

    @Override
    public Next gone() {
      return go(new Absent());
    }
  }

  /**
   * The receiver gets a pause.
   *
   * @param attempt how many refusals came before this one
   */
  record Backoff(int attempt) implements PumpState {
    @Override
    public String label() {
      return "backoff";
    }

    @Override
    public Next resumed() {
      return go(new Sending(attempt + 1), new Effect.Send());
    }

    @Override
    public Next woken(int ordered) {
      return ordered == attempt ? resumed() : new Next(this, List.of());
    }

    @Override
    public Next gone() {
      return go(new Absent());
    }
  }

  /** Messages may wait; somebody has to come, and may have done so untold while none waited. */
  record Absent() implements PumpState {
    @Override
    public String label() {
      return "absent";
    }

    @Override
    public Next ready() {
      return resumed();
    }

    @Override
    public Next resumed() {
      return go(new Sending(0), new Effect.Send());
    }
  }
}
