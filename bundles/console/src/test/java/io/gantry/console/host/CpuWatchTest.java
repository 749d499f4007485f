package io.gantry.console.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.testkit.metrics.FakeMetrics;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuWatchTest {

  private final ManualTime time = new ManualTime();
  private final ManualThreads threads = new ManualThreads();
  private final FakeMetrics metrics = new FakeMetrics();
  private Optional<Duration> used = Optional.of(Duration.ofSeconds(10));
  private final CpuWatch watch =
      new CpuWatch(metrics, () -> used, threads.serial("cpu"), time, time);

  private void passMinute(Duration worked) {
    used = used.map(before -> before.plus(worked));
    time.advance(Duration.ofMinutes(1));
    threads.runAll();
  }

  private List<Double> percents() {
    return metrics
        .observed()
        .getOrDefault("edgeAgent_used_cpu_percent{module_name=\"gantry\"}", List.of());
  }

  @Test
  void theShareOfAllProcessorsIsObservedForEachMinute() {
    int processors = Runtime.getRuntime().availableProcessors();
    threads.runAll();
    assertEquals(List.of(), percents(), "what was before the first look is in no minute");
    passMinute(Duration.ofSeconds(60L * processors));
    passMinute(Duration.ofSeconds(6L * processors));
    passMinute(Duration.ZERO);
    assertEquals(List.of(100.0, 10.0, 0.0), percents());
  }

  @Test
  void aMinuteInWhichTheClockWasSetIsNotObserved() {
    threads.runAll();
    time.set(time.instant().minus(Duration.ofDays(1)));
    passMinute(Duration.ofSeconds(1));
    time.set(time.instant().plus(Duration.ofDays(1)));
    passMinute(Duration.ofSeconds(1));
    assertEquals(List.of(), percents());
    passMinute(Duration.ZERO);
    assertEquals(List.of(0.0), percents());
  }

  @Test
  void whereTheSystemDoesNotTellNothingIsObserved() {
    used = Optional.empty();
    threads.runAll();
    passMinute(Duration.ZERO);
    passMinute(Duration.ZERO);
    assertEquals(Map.of(), metrics.observed());
  }

  @Test
  void afterTheEndNobodyLooks() {
    threads.runAll();
    watch.close();
    assertEquals(0, time.waiting());
  }
}
