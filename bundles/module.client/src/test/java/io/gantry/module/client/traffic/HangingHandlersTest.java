package io.gantry.module.client.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.module.ModuleLocation;
import io.gantry.spi.module.ModuleTraffic;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Calls that do not come back. */
class HangingHandlersTest {

  private static final ModuleLocation FILTER = new ModuleLocation("filter", 3);
  private static final ModuleLocation OTHER = new ModuleLocation("other", 1);
  private static final String INSIDE = "The handler has not come back for more than 60 s.";

  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final Traffic traffic = new Traffic(Duration.ofSeconds(60), threads, time);
  private final Calls calls = traffic.begin(FILTER, "The handler");
  private final List<String> told = new ArrayList<>();
  private final ModuleTraffic.Listener listener =
      (generation, problem) -> told.add(generation.module() + " " + problem.orElse("none"));

  private static Call begun(Calls calls) {
    Call call = new Call();
    calls.begin(call);
    return call;
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      time.advance(Duration.ofSeconds(1));
      threads.runAll();
    }
  }

  private List<String> newlyTold() {
    threads.runAll();
    List<String> all = List.copyOf(told);
    told.clear();
    return all;
  }

  @Test
  void aCallThatTakesTooLongIsToldOnceAndToldToBeOver() {
    traffic.listen(listener);
    Call call = begun(calls);
    pass(60);
    assertEquals(List.of(), newlyTold());
    pass(11);
    assertEquals(List.of("filter " + INSIDE), newlyTold());
    pass(300);
    assertEquals(List.of(), newlyTold());
    calls.end(call);
    assertEquals(List.of("filter none"), newlyTold());
  }

  @Test
  void whatBeganJustBeforeALookIsNotAccusedBeforeItsTime() {
    traffic.listen(listener);
    Call slow = begun(calls);
    pass(9);
    begun(calls);
    pass(1);
    calls.end(slow);
    pass(59);
    assertEquals(List.of(), newlyTold());
    pass(11);
    assertEquals(List.of("filter " + INSIDE), newlyTold());
  }

  @Test
  void anAnswerThatWasPromisedAndDoesNotComeCountsAsWell() {
    traffic.listen(listener);
    Call call = new Call("method reset");
    calls.begin(call);
    call.promised();
    pass(71);
    assertEquals(
        List.of(
            "filter The handler, called for method reset,"
                + " has come back but not answered for more than 60 s."),
        newlyTold());
    calls.end(call);
    assertEquals(List.of("filter none"), newlyTold());
  }

  @Test
  void itIsOverWhenTheLastOneOfTheGenerationIsBack() {
    traffic.listen(listener);
    Call others = begun(traffic.begin(OTHER, "The other's"));
    pass(10);
    Call first = begun(calls);
    pass(10);
    Calls second = traffic.begin(FILTER, "Another one");
    Call last = begun(second);
    pass(71);
    assertEquals(
        List.of("other The other's has not come back for more than 60 s.", "filter " + INSIDE),
        newlyTold(),
        "the first of each");
    calls.end(first);
    assertEquals(List.of("filter Another one has not come back for more than 60 s."), newlyTold());
    second.end(last);
    assertEquals(List.of("filter none"), newlyTold());
    assertTrue(others.isReported());
  }

  @Test
  void whoListensLaterIsToldWhatHangsNowAndNothingAfterItHasClosed() throws Exception {
    Call call = begun(calls);
    pass(71);
    AutoCloseable listening = traffic.listen(listener);
    assertEquals(List.of("filter " + INSIDE), newlyTold());
    listening.close();
    calls.end(call);
    assertEquals(List.of(), newlyTold());
  }

  @Test
  void aListenerThatFailsDoesNotKeepItFromTheOthers() {
    traffic.listen(
        (generation, problem) -> {
          throw new IllegalStateException("expected by this test");
        });
    traffic.listen(listener);
    begun(calls);
    pass(71);
    assertEquals(1, newlyTold().size());
  }

  /** Calls come by the thousand. */
  @Test
  void onlyWhileThereAreCallsAreThereLooksAndNoMoreThanOneAtATime() {
    assertEquals(0, time.waiting());
    for (int i = 0; i < 1000; i++) {
      calls.end(begun(calls));
    }
    assertEquals(1, time.waiting());
    pass(10);
    assertEquals(0, time.waiting());
    begun(calls);
    assertEquals(Optional.of(Duration.ofSeconds(10)), time.untilNext());
    pass(10);
    assertEquals(1, time.waiting());
  }

  @Test
  void aClockThatJumpsAccusesNobody() {
    traffic.listen(listener);
    begun(calls);
    time.set(time.instant().plus(Duration.ofHours(5)));
    pass(59);
    assertEquals(List.of(), newlyTold());
  }

  @Test
  void withoutALimitNobodyLooks() {
    Traffic patient = new Traffic(Duration.ZERO, threads, time);
    begun(patient.begin(FILTER, "The handler"));
    assertEquals(0, time.waiting());
  }

  /**
   * A handler that never answers has more and more calls; they are not all watched, but counted.
   */
  @Test
  void callsBeyondThoseThatAreWatchedCountAsUnderWay() {
    List<Call> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(begun(calls));
    }
    var over = calls.over().toCompletableFuture();
    for (Call call : all) {
      assertFalse(over.isDone());
      calls.end(call);
    }
    over.join();
    Call reused = begun(calls);
    assertTrue(calls.has(reused));
  }

  /** Its bundle is gone; its thread is not. */
  @Test
  void aHandlerThatIsGoneIsWatchedUntilItsCallsAreOver() {
    traffic.listen(listener);
    Call call = begun(calls);
    traffic.end(calls);
    pass(71);
    assertEquals(List.of("filter " + INSIDE), newlyTold());
    calls.end(call);
    assertEquals(List.of("filter none"), newlyTold());
    pass(71);
    assertEquals(0, time.waiting());
  }
}
