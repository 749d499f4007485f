package io.gantry.module.log.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.log.LogLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingsTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final long OF_ONE = 8 * 1024;

  @TempDir Path folder;
  private Rings rings;

  @BeforeEach
  void open() throws IOException {
    rings = new Rings(folder.resolve("logs"), 3 * OF_ONE, OF_ONE);
  }

  @AfterEach
  void close() {
    rings.close();
  }

  private void reopen() throws IOException {
    rings.close();
    open();
  }

  private static LogLine line(long second, String text) {
    return new LogLine(START.plusSeconds(second), 6, text);
  }

  private void write(String log, LogLine... lines) {
    assertEquals(new Rings.Outcome(lines.length, false), rings.write(log, List.of(lines)));
  }

  private List<LogLine> read(String log, Optional<Instant> since) throws IOException {
    List<LogLine> lines = new ArrayList<>();
    rings.view(log).read(since, lines::add);
    return lines;
  }

  private List<LogLine> read(String log) throws IOException {
    return read(log, Optional.empty());
  }

  private List<Path> files(String log) {
    try (Stream<Path> files = Files.list(folder.resolve("logs").resolve(log))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path newest(String log) {
    List<Path> files = files(log);
    return files.get(files.size() - 1);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatWasWrittenIsReadInOrderAndAfterARestart() throws IOException {
    LogLine first = line(0, "one\n\tat somewhere\nCaused by: x");
    LogLine second = line(1, "two");
    write("m", first, second);
    assertEquals(List.of(first, second), read("m"));
    reopen();
    assertEquals(Set.of("m"), rings.logs());
    LogLine third = line(2, "three");
    write("m", third);
    assertEquals(List.of(first, second, third), read("m"));
  }

  @Test
  void theOldestLinesGoWhenALogIsFull() throws IOException {
    for (int i = 0; i < 1000; i++) {
      write("m", line(i, "line " + i));
      assertTrue(files("m").stream().mapToLong(RingsTest::size).sum() <= OF_ONE);
    }
    List<LogLine> lines = read("m");
    assertEquals(line(999, "line 999"), lines.get(lines.size() - 1));
    assertTrue(lines.size() > 100, "lines left: " + lines.size());
    for (int i = 1; i < lines.size(); i++) {
      assertEquals(lines.get(i - 1).time().plusSeconds(1), lines.get(i).time());
    }
  }

  @Test
  void aLineLongerThanAFileIsKeptWhole() throws IOException {
    LogLine longOne = line(1, "x".repeat(3000));
    write("m", line(0, "before"), longOne, line(2, "after"));
    assertEquals(List.of(line(0, "before"), longOne, line(2, "after")), read("m"));
  }

  @Test
  void aViewGoesOnShowingWhatThereWasButForWhatHasGone() throws IOException {
    write("m", line(0, "old"));
    RingView view = rings.view("m");
    write("m", line(1, "new"));
    List<LogLine> lines = new ArrayList<>();
    view.read(Optional.empty(), lines::add);
    assertEquals(List.of(line(0, "old")), lines);
    for (int i = 2; i < 1000; i++) {
      write("m", line(i, "line " + i));
    }
    lines.clear();
    view.read(Optional.empty(), lines::add);
    assertEquals(List.of(), lines);
  }

  @Test
  void whoWantsNothingOldDoesNotReadOldFiles() throws IOException {
    for (int i = 0; i < 100; i++) {
      write("m", line(i, "line " + i));
    }
    List<Path> files = files("m");
    // If it were opened, reading would fail.
    Files.delete(files.get(0));
    Files.createDirectory(files.get(0));
    List<LogLine> lines = read("m", Optional.of(START.plusSeconds(60)));
    assertEquals(line(99, "line 99"), lines.get(lines.size() - 1));
    assertTrue(lines.contains(line(60, "line 60")));
    assertTrue(lines.size() < 60, "lines read: " + lines.size());
  }

  @Test
  void aClockThatWasSetBackHidesNoLine() throws IOException {
    write("m", line(5000, "late"));
    for (int i = 0; i < 100; i++) {
      write("m", line(i, "line " + i));
    }
    List<LogLine> lines = read("m", Optional.of(START.plusSeconds(4000)));
    assertTrue(lines.contains(line(5000, "late")));
  }

  @Test
  void whatAPowerCutHasTornOffGoesAndTheRestStays() throws IOException {
    LogLine whole = line(0, "whole");
    write("m", whole, line(1, "torn"));
    byte[] bytes = Files.readAllBytes(newest("m"));
    int secondLine = new String(bytes, UTF_8).indexOf('\n') + 1;
    for (int cut = secondLine; cut < bytes.length; cut++) {
      rings.close();
      Files.write(newest("m"), Arrays.copyOf(bytes, cut));
      open();
      assertEquals(List.of(whole), read("m"));
      assertEquals(secondLine, Files.size(newest("m")));
    }
    LogLine next = line(2, "next");
    write("m", next);
    assertEquals(List.of(whole, next), read("m"));
  }

  @Test
  void zeroesThatAPowerCutHasLeftGo() throws IOException {
    LogLine whole = line(0, "whole\nof two lines");
    write("m", whole);
    rings.close();
    Files.write(newest("m"), new byte[4096], StandardOpenOption.APPEND);
    Files.writeString(newest("m"), "\nrubbish\n", StandardOpenOption.APPEND);
    open();
    LogLine next = line(1, "next");
    write("m", next);
    assertEquals(List.of(whole, next), read("m"));
  }

  @Test
  void rubbishInAnOlderFileIsPassedOver() throws IOException {
    for (int i = 0; i < 100; i++) {
      write("m", line(i, "line " + i));
    }
    Path old = files("m").get(0);
    Files.write(old, new byte[(int) Files.size(old)]);
    List<LogLine> lines = read("m");
    assertFalse(lines.contains(line(0, "line 0")));
    assertEquals(line(99, "line 99"), lines.get(lines.size() - 1));
  }

  @Test
  void theModuleThatHasNotLoggedForLongestLosesLinesFirst() throws IOException {
    for (String log : List.of("a", "b", "c", "d")) {
      write(log, line(0, "first of " + log));
      for (int i = 1; i < 90; i++) {
        write(log, line(i, "text of module " + log + ", line " + i));
      }
    }
    write("a", line(1000, "a is here again"));
    LogLine[] more = new LogLine[80];
    for (int i = 0; i < more.length; i++) {
      more[i] = line(2000 + i, "x".repeat(60));
    }
    write("e", more);
    assertEquals(Set.of("b"), rings.makeRoom());
    assertEquals(line(0, "first of a"), read("a").get(0));
    assertEquals(line(0, "first of c"), read("c").get(0));
    assertEquals(line(2079, "x".repeat(60)), read("e").get(79));
  }

  @Test
  void aLogOfWhichNothingIsLeftIsForgottenWithItsFolder() throws IOException {
    write("gone", line(0, "short"));
    for (String log : List.of("a", "b", "c", "d")) {
      for (int i = 0; i < 150; i++) {
        write(log, line(i, "text of module " + log + ", line " + i));
      }
      rings.makeRoom();
    }
    assertFalse(rings.logs().contains("gone"));
    assertFalse(Files.exists(folder.resolve("logs/gone")));
    assertTrue(rings.logs().contains("d"));
  }

  @Test
  void theOrderInWhichModulesLoggedSurvivesARestart() throws IOException {
    write("z", line(1, "z logged first"));
    write("a", line(2, "a logged last"));
    reopen();
    for (String log : List.of("b", "c", "d", "e")) {
      for (int i = 0; i < 150; i++) {
        write(log, line(100 + i, "text of module " + log + ", line " + i));
      }
    }
    assertEquals("z", rings.makeRoom().iterator().next());
  }

  @Test
  void aDiskThatRefusesIsTriedAgain() throws IOException {
    Files.writeString(folder.resolve("logs"), "a file where the folder should be");
    assertEquals(new Rings.Outcome(0, true), rings.write("m", List.of(line(0, "lost"))));
    assertEquals(new Rings.Outcome(0, true), rings.write("m", List.of(line(1, "lost"))));
    Files.delete(folder.resolve("logs"));
    write("m", line(2, "kept"));
    assertEquals(List.of(line(2, "kept")), read("m"));
  }

  @Test
  void foldersAndFilesOfOthersAreLeftAlone() throws IOException {
    write("m", line(0, "ours"));
    Files.writeString(folder.resolve("logs/gantry.log"), "theirs");
    Files.createDirectory(folder.resolve("logs/empty"));
    Files.writeString(folder.resolve("logs/m/notes.txt"), "theirs");
    reopen();
    assertEquals(Set.of("m"), rings.logs());
    assertEquals(List.of(line(0, "ours")), read("m"));
    assertTrue(Files.exists(folder.resolve("logs/gantry.log")));
  }

  @Test
  void aNameThatIsNoNameOfAModuleIsNoLog() {
    assertFalse(Rings.isLog(".."));
    assertFalse(Rings.isLog("a/b"));
    assertTrue(Rings.isLog("a*b"));
  }

  @Test
  void aLogThatCannotBeReadDoesNotKeepTheOthersFromGoingOn() throws IOException {
    write("a", line(1, "before"));
    write("b", line(1, "before"));
    Path broken = newest("b");
    Files.delete(broken);
    Files.createDirectory(broken);
    reopen();
    write("a", line(2, "after"));
    assertEquals(List.of(line(1, "before"), line(2, "after")), read("a"));
    assertTrue(rings.write("b", List.of(line(2, "after"))).failed());
    Files.delete(broken);
    write("b", line(3, "again"));
    assertEquals(List.of(line(3, "again")), read("b"));
  }
}
