package io.gantry.module.log.line;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.log.LogLine;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineFormTest {

  private static final Instant TIME = Instant.parse("2026-03-01T08:00:01.023Z");

  private static String encoded(String text) {
    return new String(LineForm.encode(new LogLine(TIME, 6, text)), UTF_8);
  }

  @Test
  void aLineHasTheFormThatToolsForIotEdgeExpect() {
    assertEquals("<6> 2026-03-01 08:00:01.023 +00:00 the text\n", encoded("the text"));
  }

  @Test
  void noTextCanPretendToBeALineOfItsOwn() {
    String forged = "a\n<3> 2026-03-01 08:00:01.023 +00:00 b";
    assertEquals(
        "<6> 2026-03-01 08:00:01.023 +00:00 a\n\t<3> 2026-03-01 08:00:01.023 +00:00 b\n",
        encoded(forged));
  }

  @Test
  void whatWasWrittenIsRead() {
    LogLine line = new LogLine(TIME, 3, "");
    String first = new String(LineForm.encode(line), UTF_8).stripTrailing() + " ";
    assertEquals(Optional.of(line), LineForm.begin(first));
    assertEquals(Optional.of("\tat x"), LineForm.more("\t\tat x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "\ttext",
        "<8> 2026-03-01 08:00:01.023 +00:00 text",
        "<6> 2026-13-01 08:00:01.023 +00:00 text",
        "<6> 2026-03-01 08:00:01.023 +00:00",
        "<6> 2026-03-01 08:00:01.023 +00:00 te\0xt"
      })
  void whatIsDamagedBeginsNothing(String line) {
    assertEquals(Optional.empty(), LineForm.begin(line));
  }

  @Test
  void controlCharactersAreWrittenOut() {
    assertEquals("a\\u001b[2Jb\\u0007\\u0000", LogText.clean("a\u001b[2Jb\u0007\0"));
    assertEquals("a\nb\tc", LogText.clean("a\r\nb\tc\r\n"));
    assertEquals("a\\u000db\\u0085", LogText.clean("a\rb\u0085"));
  }

  @Test
  void aTextThatIsTooLongIsCutWithAMark() {
    String clean = LogText.clean("x".repeat(100_000));
    assertTrue(clean.endsWith("x [cut, 34527 more]"), clean.substring(clean.length() - 40));
    assertTrue(LogText.clean("\u20ac".repeat(40_000)).getBytes(UTF_8).length <= 64 * 1024);
    assertTrue(LogText.clean("\u001b".repeat(40_000)).getBytes(UTF_8).length <= 64 * 1024);
  }

  @Test
  void aTextThatJustFitsIsNotCut() {
    String text = "x".repeat(LogText.MOST_BYTES);
    assertEquals(text, LogText.clean(text));
    String wide = "\ud83d\ude00".repeat(LogText.MOST_BYTES / 4);
    assertEquals(wide, LogText.clean(wide));
  }
}
