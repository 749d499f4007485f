package io.gantry.testkit.metrics;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Summary;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What all {@link Metrics} do, the real one and the fake. */
public abstract class MetricsContract {

  /** The figures under test, the same ones until the end of a test; none in the beginning. */
  protected abstract Metrics metrics();

  private List<String> lines() throws IOException {
    StringBuilder text = new StringBuilder();
    metrics().write(Map.of(), text);
    return text.toString().lines().filter(line -> !line.startsWith("#")).sorted().toList();
  }

  @Test
  void whatNeverHappenedIsNotShown() throws IOException {
    metrics().counter("starts_total", "Starts.", "module");
    metrics().summary("start_seconds", "Starts.");
    metrics().readGauge("modules", "Modules.", to -> {});
    assertEquals(List.of(), lines());
  }

  /** A bundle that comes again asks again. */
  @Test
  void whoAsksAgainForACounterGoesOnWithIt() throws IOException {
    metrics().counter("starts_total", "Starts.", "module").increment("a");
    Counter again = metrics().counter("starts_total", "Starts.", "module");
    again.increment("a");
    again.increment("b");
    assertEquals(List.of("starts_total{module=\"a\"} 2", "starts_total{module=\"b\"} 1"), lines());
  }

  @Test
  void whatIsObservedIsCountedForEachSeries() throws IOException {
    Summary summary = metrics().summary("step_seconds", "Steps.", "step");
    summary.observe(0.25, "start");
    summary.observe(2, "start");
    summary.observe(3, "stop");
    assertEquals(
        List.of("step_seconds_count{step=\"start\"} 2", "step_seconds_count{step=\"stop\"} 1"),
        lines().stream().filter(line -> line.startsWith("step_seconds_count")).toList());
  }

  @Test
  void aReadingIsAskedEachTimeUntilItEnds() throws IOException {
    int[] value = {1};
    Cancellable reading = metrics().readGauge("modules", "Modules.", to -> to.value(value[0]));
    assertEquals(List.of("modules 1"), lines());
    value[0] = 5;
    assertEquals(List.of("modules 5"), lines());
    reading.cancel();
    assertEquals(List.of(), lines());
    assertDoesNotThrow(reading::cancel);
  }

  /** The new instance of a component may come before the old one has gone. */
  @Test
  void theLaterReadingOfANameCountsAndTheEndOfTheFormerDoesNotEndIt() throws IOException {
    Cancellable former = metrics().readCounter("a_total", "A.", to -> to.value(1, "x"), "k");
    metrics().readCounter("a_total", "A.", to -> to.value(2, "x"), "k");
    former.cancel();
    assertEquals(List.of("a_total{k=\"x\"} 2"), lines());
  }

  @Test
  void aNameStandsForOneKindWithTheSameLabels() {
    Metrics metrics = metrics();
    Counter counter = metrics.counter("a_total", "A.", "k");
    assertThrows(IllegalArgumentException.class, () -> metrics.summary("a_total", "A.", "k"));
    assertThrows(IllegalArgumentException.class, () -> metrics.counter("a_total", "A.", "other"));
    assertThrows(
        IllegalArgumentException.class, () -> metrics.readCounter("a_total", "A.", to -> {}, "k"));
    metrics.readGauge("b", "B.", to -> {});
    assertThrows(IllegalArgumentException.class, () -> metrics.readCounter("b", "B.", to -> {}));
    assertThrows(IllegalArgumentException.class, () -> counter.increment());
    assertThrows(IllegalArgumentException.class, () -> counter.increment("x", "y"));
  }
}
