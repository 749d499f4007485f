package io.gantry.agent.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.agent.manifest.RestartPolicy;
import io.gantry.agent.restart.RestartDecision.Backoff;
import io.gantry.agent.restart.RestartDecision.Failed;
import io.gantry.agent.restart.RestartDecision.Finished;
import io.gantry.agent.restart.RestartDecision.Healthy;
import io.gantry.agent.restart.RestartDecision.Recovered;
import io.gantry.agent.restart.RestartDecision.Restart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RestartRuleTest {

  private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");

  private static RestartHistory exited(int restarts, int code) {
    return new RestartHistory(restarts, Optional.empty(), Optional.empty(), Optional.empty())
        .exited(new ModuleExit(code, NOW, "x"));
  }

  private static RestartDecision decide(RestartHistory history, RestartPolicy policy, long after) {
    return RestartRule.decide(history, policy, NOW.plusSeconds(after));
  }

  @Test
  void eachRestartDoublesTheWaitUpToFiveMinutesAndNeverGivesUp() {
    List<Long> waits = new ArrayList<>();
    for (int restarts : new int[] {0, 1, 2, 3, 4, 5, 6, 20, 1000, Integer.MAX_VALUE}) {
      Backoff backoff = (Backoff) decide(exited(restarts, 1), RestartPolicy.ALWAYS, 0);
      waits.add(Duration.between(NOW, backoff.until()).toSeconds());
    }
    assertEquals(List.of(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L, 300L, 300L), waits);
  }

  @ParameterizedTest
  @CsvSource({
    "NEVER,0,Finished",
    "NEVER,1,Failed",
    "ON_FAILURE,0,Finished",
    "ON_FAILURE,1,Backoff",
    "ON_UNHEALTHY,0,Finished",
    "ON_UNHEALTHY,1,Backoff",
    "ALWAYS,0,Backoff",
    "ALWAYS,1,Backoff"
  })
  void thePolicyDecidesByTheExitCode(RestartPolicy policy, int code, String decision) {
    assertEquals(decision, decide(exited(0, code), policy, 0).getClass().getSimpleName());
  }

  @Test
  void aRestartIsDueWhenTheWaitIsOver() {
    assertEquals(new Backoff(NOW.plusSeconds(20)), decide(exited(1, 1), RestartPolicy.ALWAYS, 19));
    assertEquals(new Restart(), decide(exited(1, 1), RestartPolicy.ALWAYS, 20));
  }

  @Test
  void aClockThatWasSetBackBehindTheExitRestartsAtOnce() {
    assertEquals(new Restart(), decide(exited(5, 1), RestartPolicy.ON_FAILURE, -1));
    assertEquals(new Finished(), decide(exited(0, 0), RestartPolicy.ON_FAILURE, -1));
    assertEquals(new Failed(), decide(exited(0, 1), RestartPolicy.NEVER, -1));
  }

  @ParameterizedTest
  @EnumSource
  void whatRunsOrWasStoppedInOrderIsLeftAlone(RestartPolicy policy) {
    assertEquals(new Healthy(Optional.empty()), decide(RestartHistory.NONE, policy, 0));
    assertEquals(
        new Healthy(Optional.empty()), decide(RestartHistory.NONE.started(NOW), policy, 9999));
    assertEquals(new Healthy(Optional.empty()), decide(exited(3, 1).stopped(), policy, 9999));
  }

  @Test
  void tenMinutesOfRunningForgiveFormerRestarts() {
    RestartHistory history = exited(2, 1).restarting(NOW).started(NOW);
    assertEquals(3, history.restarts());
    assertEquals(
        new Healthy(Optional.of(NOW.plusSeconds(600))), decide(history, RestartPolicy.ALWAYS, 599));
    assertEquals(new Recovered(), decide(history, RestartPolicy.ALWAYS, 600));
    assertEquals(0, history.forgiven().restarts());
    assertEquals(
        new Healthy(Optional.empty()), decide(history.forgiven(), RestartPolicy.ALWAYS, 600));
  }

  @Test
  void anExitAfterTenMinutesCountsAsTheFirstAlthoughNobodyLookedBetween() {
    RestartHistory history = exited(4, 1).restarting(NOW).started(NOW);
    Instant early = NOW.plusSeconds(599);
    assertEquals(5, history.exited(new ModuleExit(1, early, "x")).restarts());
    Instant late = NOW.plusSeconds(600);
    assertEquals(0, history.exited(new ModuleExit(1, late, "x")).restarts());
  }

  @Test
  void aStartThatFailsLongAfterTheLastRunIsNotForgiven() {
    Instant late = NOW.plusSeconds(100_000);
    assertEquals(7, exited(6, 1).restarting(NOW).exited(new ModuleExit(1, late, "x")).restarts());
  }

  @Test
  void aStartInTheFutureCountsAsNow() {
    RestartHistory history = RestartHistory.NONE.started(NOW);
    Instant before = NOW.minusSeconds(3600);
    assertEquals(Optional.of(before), history.at(before).runningSince());
    assertEquals(history, history.at(NOW.plusSeconds(1)));
  }
}
