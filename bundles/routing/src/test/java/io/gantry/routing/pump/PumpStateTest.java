package io.gantry.routing.pump;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.routing.pump.PumpState.Effect;
import io.gantry.routing.pump.PumpState.Next;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every state with every event: the table that the README prints. */
class PumpStateTest {

  private static final Map<String, PumpState> STATES = new LinkedHashMap<>();
  private static final Map<String, Function<PumpState, Next>> EVENTS = new LinkedHashMap<>();

  static {
    STATES.put("idle", new PumpState.Idle());
    STATES.put("sending", new PumpState.Sending(0));
    STATES.put("backoff", new PumpState.Backoff(0));
    STATES.put("absent", new PumpState.Absent());
    EVENTS.put("ready", PumpState::ready);
    EVENTS.put("resumed", PumpState::resumed);
    EVENTS.put("drained", PumpState::drained);
    EVENTS.put("delivered", PumpState::delivered);
    EVENTS.put("refused", PumpState::refused);
    EVENTS.put("gone", PumpState::gone);
    EVENTS.put("woken", state -> state.woken(0));
    EVENTS.put("woken late", state -> state.woken(7));
  }

  @ParameterizedTest
  @CsvSource({
    // event,     idle,         sending,      backoff,      absent
    "ready,       sending+send, sending+send, backoff,      sending+send",
    "resumed,     sending+send, sending+send, sending+send, sending+send",
    "drained,     idle,         idle,         backoff,      absent",
    "delivered,   idle,         sending,      backoff,      absent",
    "refused,     backoff+wake, backoff+wake, backoff,      absent",
    "gone,        absent,       absent,       absent,       absent",
    "woken,       idle,         sending,      sending+send, absent",
    "woken late,  idle,         sending,      backoff,      absent"
  })
  void eachEventInEachState(
      String event, String idle, String sending, String backoff, String absent) {
    assertEquals(List.of(idle, sending, backoff, absent), outcomes(EVENTS.get(event)));
  }

  @Test
  void theTableIsComplete() {
    assertEquals(STATES.size(), PumpState.class.getPermittedSubclasses().length);
  }

  @Test
  void pausesDoubleFromOneSecondToOneMinuteAndBeginAgainAfterASuccess() {
    PumpState state = new PumpState.Sending(0);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      Next refused = state.refused();
      assertEquals(Duration.ofSeconds(seconds), pause(refused));
      state = refused.state().resumed().state();
    }
    assertEquals(Duration.ofSeconds(1), pause(state.delivered().state().refused()));
  }

  private static Duration pause(Next next) {
    return ((Effect.WakeAfter) next.effects().get(0)).pause();
  }

  private static List<String> outcomes(Function<PumpState, Next> event) {
    return STATES.values().stream().map(state -> describe(event.apply(state))).toList();
  }

  private static String describe(Next next) {
    StringBuilder text = new StringBuilder(next.state().label());
    for (Effect effect : next.effects()) {
      text.append(effect instanceof Effect.Send ? "+send" : "+wake");
    }
    return text.toString();
  }
}
