package io.gantry.agent.client.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.client.payload.GuardedPattern.TooSlowException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {

  private static final Instant NOW = Instant.parse("2026-01-10T12:00:00Z");

  private static Arguments arguments(String members) throws BadArgumentException {
    return Arguments.ofPayload(("{'schemaVersion':'1.0'," + members + "}").replace('\'', '"'));
  }

  private static Optional<Instant> time(String json) throws BadArgumentException {
    return TimeArgument.find(arguments("'since':" + json), "since", NOW);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "'2026-01-09T11:00:00Z', 2026-01-09T11:00:00Z",
        "'2026-01-09t11:00:00.5+01:00', 2026-01-09T10:00:00.5Z",
        "1767225600, 2026-01-01T00:00:00Z",
        "'1767225600', 2026-01-01T00:00:00Z",
        "'2d', 2026-01-08T12:00:00Z",
        "'1d 12h 30m', 2026-01-08T23:30:00Z",
        "'1d12h30m', 2026-01-08T23:30:00Z",
        "'90 minutes', 2026-01-10T10:30:00Z",
        "'1 hour 1 min 1 second', 2026-01-10T10:58:59Z",
        "'2 weeks', 2025-12-27T12:00:00Z",
        "' 10s ', 2026-01-10T11:59:50Z"
      })
  void timesAreReadAsBackEndsWriteThem(String json, Instant expected) throws Exception {
    assertEquals(Optional.of(expected), time(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "''",
        "'yesterday'",
        "'1'.5",
        "'12h 30'",
        "'h'",
        "'1x'",
        "true",
        "{}",
        "[]",
        "-5",
        "'2026-01-09T11:00:00'",
        "'2026-13-09T11:00:00Z'"
      })
  void otherTimesAreRefused(String json) {
    assertThrows(BadArgumentException.class, () -> time(json));
  }

  @Test
  void aTimeThatIsNotGivenIsNone() throws Exception {
    assertEquals(Optional.empty(), time("null"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.7", "1.0.3"})
  void payloadsOfTheSameMajorVersionAreTaken(String version) throws Exception {
    Arguments.ofPayload("{\"SCHEMAVERSION\":\"" + version + "\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaVersion\":\"2.0\"}",
        "{\"schemaVersion\":\"0.9\"}",
        "{\"schemaVersion\":\"one\"}",
        "{\"schemaVersion\":\"1\"}",
        "{\"schemaVersion\":1.0}",
        "{}",
        "null",
        "[]",
        "\"text\"",
        "{",
        ""
      })
  void otherPayloadsAreRefused(String payload) {
    assertThrows(BadArgumentException.class, () -> Arguments.ofPayload(payload));
  }

  @Test
  void aPayloadThatIsNestedWithoutEndIsRefused() {
    String deep = "{\"a\":".repeat(20_000);
    assertThrows(BadArgumentException.class, () -> Arguments.ofPayload(deep));
  }

  @Test
  void namesAreComparedWithoutCase() throws Exception {
    assertEquals("x", arguments("'sasURL':'x'").text("sasUrl"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "8", "4.5", "'4a'", "true", "{}", "[]", "[4]", "1e99999"})
  void whatIsNoIntegerWithinBoundsIsRefused(String json) throws Exception {
    Arguments given = arguments("'n':" + json);
    BadArgumentException refused =
        assertThrows(BadArgumentException.class, () -> given.findInteger("n", 1, 7));
    assertTrue(
        refused.getMessage().startsWith("payload.n: expected an integer from 1 to 7, found"));
  }

  @Test
  void anIntegerMayBeWrittenAsBackEndsDo() throws Exception {
    assertEquals(Optional.of(4), arguments("'n':4").findInteger("n", 1, 7));
    assertEquals(Optional.of(4), arguments("'n':4.0").findInteger("n", 1, 7));
    assertEquals(Optional.empty(), arguments("'n':null").findInteger("n", 1, 7));
  }

  @Test
  void aPatternIsFoundAnywhereAndWithoutCase() throws Exception {
    GuardedPattern pattern = GuardedPattern.of("id", "TIME.?out");
    assertTrue(pattern.isIn("a timeout\nof 5 s"));
    assertTrue(pattern.isIn("a time\nout"));
    assertFalse(pattern.isIn("a pause"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "*", "[z-a]"})
  void aMalformedPatternIsRefused(String text) {
    assertThrows(BadArgumentException.class, () -> GuardedPattern.of("id", text));
  }

  @Test
  void aPatternThatTakesForEverIsEnded() throws Exception {
    GuardedPattern pattern = GuardedPattern.of("id", "(x+x+)+y");
    String text = "x".repeat(5000);
    TooSlowException ended = assertThrows(TooSlowException.class, () -> pattern.isIn(text));
    assertTrue(ended.getMessage().startsWith("id: "));
    assertThrows(TooSlowException.class, () -> pattern.isIn("the next text"));
  }

  @Test
  void aPatternThatGoesTooDeepIsEnded() throws Exception {
    GuardedPattern pattern = GuardedPattern.of("id", "(a|b|[^c])*c");
    String text = "ab".repeat(30_000);
    assertThrows(TooSlowException.class, () -> pattern.isIn(text));
  }

  /** What is empty can be repeated without a look at the text, so that no steps are counted. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:){2147483647}",
        "((?:){1000}){1000}",
        "(?x)( ){ 99999 }",
        "^{9999999999}",
        "a{0}{100000}",
        "(|a){10,}{50}{50}",
      })
  void aPatternThatRepeatsWithoutMeasureIsRefused(String text) {
    BadArgumentException refused =
        assertThrows(BadArgumentException.class, () -> GuardedPattern.of("id", text));
    assertTrue(refused.getMessage().contains("at most 10000 repetitions"), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}~, ~id 0f8fad5b-d9cb-469f-a165-70867728950e~",
        "~(\\d{1,3}\\.){3}\\d{1,3}~, ~from 192.168.1.20~",
        "~\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}~, ~at 2026-01-31T12:00:00.123~",
      })
  void whatPeopleLookForMayRepeat(String pattern, String text) throws Exception {
    assertTrue(GuardedPattern.of("regex", pattern).isIn(text));
  }

  @Test
  void aPatternThatIsTooLongIsRefused() {
    String text = "x".repeat(1001);
    assertThrows(BadArgumentException.class, () -> GuardedPattern.of("id", text));
  }
}
