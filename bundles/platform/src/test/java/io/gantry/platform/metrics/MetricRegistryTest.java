package io.gantry.platform.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.metrics.Counter;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Summary;
import io.gantry.testkit.metrics.MetricsContract;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricRegistryTest extends MetricsContract {

  private final ManualTime time = new ManualTime();
  private final MetricRegistry registry = new MetricRegistry(time);

  @Override
  protected Metrics metrics() {
    return registry;
  }

  private String text() throws IOException {
    return text(Map.of());
  }

  private String text(Map<String, String> common) throws IOException {
    StringBuilder text = new StringBuilder();
    registry.write(common, text);
    return text.toString();
  }

  /** The lines of a summary's quantiles, sum and count, without its name. */
  private String summary() throws IOException {
    StringBuilder values = new StringBuilder();
    for (String line : text().lines().filter(line -> line.startsWith("s")).toList()) {
      values.append(line.substring(1).replaceAll("\\{quantile=\"(.*)\"}", "$1")).append('|');
    }
    return values.toString();
  }

  @Test
  void theWholeIsInTheFormOfPrometheusInTheOrderOfNames() throws IOException {
    registry.readGauge("uptime_seconds", "How long.", to -> to.value(12.5));
    Counter starts = registry.counter("module_start_total", "Starts.", "module", "version");
    starts.increment("b", "1.0");
    starts.increment("a", "2.0");
    starts.increment("b", "1.0");
    Map<String, String> common = new LinkedHashMap<>();
    common.put("iothub", "gantry.local");
    common.put("edge_device", "gateway");
    assertEquals(
        """
        # HELP module_start_total Starts.
        # TYPE module_start_total counter
        module_start_total{iothub="gantry.local",edge_device="gateway",module="a",version="2.0"} 1
        module_start_total{iothub="gantry.local",edge_device="gateway",module="b",version="1.0"} 2
        # HELP uptime_seconds How long.
        # TYPE uptime_seconds gauge
        uptime_seconds{iothub="gantry.local",edge_device="gateway"} 12.5
        """,
        text(common));
  }

  @Test
  void whatWouldEndALineOrAValueIsEscaped() throws IOException {
    registry.readGauge(
        "info", "A \"b\"\nc \\ d", to -> to.value(0, "{\"os\":\"a\\b\"}\nx"), "json");
    assertEquals(
        "# HELP info A \"b\"\\nc \\\\ d\n"
            + "# TYPE info gauge\n"
            + "info{json=\"{\\\"os\\\":\\\"a\\\\b\\\"}\\nx\"} 0\n",
        text());
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "-3,-3",
    "0.25,0.25",
    "9007199254740991,9007199254740991",
    "1e300,1.0E300",
    "Infinity,+Inf",
    "-Infinity,-Inf",
    "NaN,NaN"
  })
  void numbersAreWrittenAsPrometheusReadsThem(double value, String text) throws IOException {
    registry.readGauge("g", "G.", to -> to.value(value));
    assertTrue(text().endsWith("\ng " + text + "\n"), text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b", "1a", "a b", "ä"})
  void aNameThatPrometheusDoesNotTakeIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> registry.counter(name, "A."));
    assertThrows(IllegalArgumentException.class, () -> registry.counter("a", "A.", name));
    assertThrows(IllegalArgumentException.class, () -> registry.counter("a", "A.", "__name__"));
  }

  @Test
  void aSummaryShowsTheQuantilesOfTheLastHourAndTheSumOfAll() throws IOException {
    Summary summary = registry.summary("s", "S.");
    for (int i = 1; i <= 100; i++) {
      summary.observe(i);
    }
    assertEquals("0.1 10|0.5 50|0.9 90|0.99 99|_sum 5050|_count 100|", summary());
    time.advance(Duration.ofMinutes(59));
    summary.observe(1000);
    assertTrue(summary().startsWith("0.1 11|0.5 51|0.9 91|0.99 100|"), summary());
    time.advance(Duration.ofMinutes(1));
    assertEquals("0.1 1000|0.5 1000|0.9 1000|0.99 1000|_sum 6050|_count 101|", summary());
  }

  @Test
  void whenNothingWasObservedLatelyTheQuantilesAreNoNumbers() throws IOException {
    registry.summary("s", "S.").observe(2);
    time.advance(Duration.ofHours(1));
    assertEquals("0.1 NaN|0.5 NaN|0.9 NaN|0.99 NaN|_sum 2|_count 1|", summary());
  }

  /** What was observed under a clock that ran ahead is in no hour until that comes. */
  @Test
  void aClockThatIsSetBackKeepsNothingForLonger() throws IOException {
    Summary summary = registry.summary("s", "S.");
    summary.observe(7);
    time.set(time.instant().minus(Duration.ofDays(30)));
    assertTrue(summary().startsWith("0.1 NaN|"), summary());
    summary.observe(3);
    assertEquals("0.1 3|0.5 3|0.9 3|0.99 3|_sum 10|_count 2|", summary());
  }

  @Test
  void aStormOfObservationsIsCountedAndTheNewestAreKept() throws IOException {
    Summary summary = registry.summary("s", "S.");
    for (int i = 0; i < 100_000; i++) {
      summary.observe(i < 99_000 ? 1_000_000 : 1);
    }
    assertEquals("0.1 1|0.5 1|0.9 1|0.99 1|_sum 99000001000|_count 100000|", summary());
  }

  /** Versions come and go for years; the newest stay. */
  @Test
  void thereAreNoMoreSeriesThanTheBoundAndThoseThatChangeStay() throws IOException {
    Counter starts = registry.counter("starts_total", "Starts.", "version");
    for (int i = 0; i < 3 * Series.MOST; i++) {
      starts.increment("v" + i);
      starts.increment("stays");
    }
    List<String> lines = text().lines().filter(line -> !line.startsWith("#")).toList();
    assertEquals(Series.MOST, lines.size());
    assertTrue(lines.contains("starts_total{version=\"stays\"} " + 3 * Series.MOST));
    assertTrue(lines.contains("starts_total{version=\"v" + (3 * Series.MOST - 1) + "\"} 1"));
    assertFalse(text().contains("\"v0\""));
  }

  /** Looking is no change: what is only looked at goes first. */
  @Test
  void whatIsShownIsNotThereforeYounger() throws IOException {
    Counter starts = registry.counter("starts_total", "Starts.", "version");
    for (int i = 0; i < Series.MOST; i++) {
      starts.increment("v" + i);
    }
    assertTrue(text().contains("\"v0\""));
    starts.increment("new");
    assertFalse(text().contains("\"v0\""));
    assertTrue(text().contains("\"v1\""));
  }

  @Test
  void aReadingThatFailsIsLeftOutAndTheOthersAreShown() throws IOException {
    registry.readGauge("a", "A.", to -> to.value(1));
    registry.readGauge(
        "b",
        "B.",
        to -> {
          to.value(1);
          throw new IllegalStateException("gone");
        });
    registry.readGauge("c", "C.", to -> to.value(1, "too", "many"), "k");
    registry.readGauge("d", "D.", to -> to.value(1));
    assertEquals(
        List.of("a 1", "d 1"), text().lines().filter(line -> !line.startsWith("#")).toList());
    assertFalse(text().contains("TYPE b"));
  }

  /** Twice the same series makes Prometheus refuse all. */
  @Test
  void aSeriesThatIsToldTwiceIsShownOnce() throws IOException {
    registry.readGauge(
        "a",
        "A.",
        to -> {
          to.value(1, "x");
          to.value(2, "x");
        },
        "k");
    assertTrue(text().endsWith("gauge\na{k=\"x\"} 2\n"), text());
  }

  @Test
  void lossesAreShownForEachReasonBeItNone() throws IOException {
    DropLedger ledger = new DropLedger(time);
    registry.readCounter("gantry_messages_dropped_total", "Lost.", ledger::tell, "reason");
    ledger.dropped(DropReason.NO_ROUTE, "thermo1", "no route matches");
    String text = text();
    assertTrue(text.contains("_total{reason=\"no_route\"} 1\n"), text);
    assertTrue(text.contains("_total{reason=\"ttl_expiry\"} 0\n"), text);
  }
}
