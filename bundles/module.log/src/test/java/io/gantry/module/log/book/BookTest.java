package io.gantry.module.log.book;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.log.ring.Rings;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BookTest {

  @TempDir Path folder;
  private final ManualThreads threads = new ManualThreads();
  private final ManualThreads readers = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private Book book;

  @BeforeEach
  void open() throws IOException {
    book = new Book(new Rings(folder.resolve("logs"), 16 << 20, 4 << 20), split(), time);
  }

  @AfterEach
  void close() {
    book.close();
  }

  /** The writer may run while the readers do not. */
  private Threads split() {
    return new Threads() {
      @Override
      public SerialExecutor serial(String name) {
        return name.startsWith("reader") ? readers.serial(name) : threads.serial(name);
      }

      @Override
      public ThreadFactory factory(String name) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private void runAll() {
    threads.runAll();
    readers.runAll();
  }

  private LogLine line(int level, String text) {
    return new LogLine(time.instant(), level, text);
  }

  private void log(String module, String text) {
    book.add(book.source(module), line(6, text));
  }

  private static List<String> texts(List<LogLine> lines) {
    return lines.stream().map(LogLine::text).toList();
  }

  private List<String> read(LogQuery query) throws IOException {
    List<LogLine> lines = new ArrayList<>();
    book.read("m", query, lines::add);
    return texts(lines);
  }

  private List<String> all() throws IOException {
    return read(LogQuery.ALL);
  }

  private static LogQuery tail(int count) {
    return new LogQuery(Optional.empty(), Optional.empty(), count, level -> true, text -> true);
  }

  @Test
  void eachModuleHasALogOfItsOwn() throws IOException {
    log("m", "mine");
    log("other", "not mine");
    runAll();
    assertEquals(new TreeSet<>(Set.of("m", "other")), book.modules());
    assertEquals(List.of("mine"), all());
  }

  @Test
  void aModuleWithoutALogHasNoLines() throws IOException {
    assertEquals(List.of(), all());
    assertEquals(Set.of(), book.modules());
  }

  @Test
  void allConditionsOfAQueryHoldTogetherAndTheTailIsTakenOfWhatTheyLeave() throws IOException {
    for (int i = 0; i < 20; i++) {
      book.add(book.source("m"), line(i % 2 == 0 ? 6 : 4, "line " + i));
      time.advance(Duration.ofSeconds(1));
    }
    runAll();
    LogQuery query =
        new LogQuery(
            Optional.of(time.instant().minusSeconds(16)),
            Optional.of(time.instant().minusSeconds(4)),
            3,
            level -> level == 4,
            text -> !text.endsWith("3"));
    assertEquals(List.of("line 9", "line 11", "line 15"), read(query));
  }

  @Test
  void sinceIsIncludedAndUntilIsNot() throws IOException {
    log("m", "a");
    time.advance(Duration.ofSeconds(1));
    log("m", "b");
    time.advance(Duration.ofSeconds(1));
    log("m", "c");
    runAll();
    LogQuery query =
        new LogQuery(
            Optional.of(time.instant().minusSeconds(1)),
            Optional.of(time.instant()),
            Integer.MAX_VALUE,
            level -> true,
            text -> true);
    assertEquals(List.of("b"), read(query));
  }

  @Test
  void whoFollowsGetsEveryLineOnceAndInOrder() throws Exception {
    log("m", "written before");
    runAll();
    log("m", "logged before but not written");
    List<LogLine> lines = new ArrayList<>();
    try (AutoCloseable follow =
        book.follow(
            "m",
            LogQuery.ALL,
            line -> {
              lines.add(line);
              // While the stored ones are being read, another one is logged and written.
              if (lines.size() == 1) {
                log("m", "logged meanwhile");
                runAll();
              }
            })) {
      runAll();
      log("m", "later");
      log("other", "of another");
      runAll();
    }
    log("m", "after the end");
    runAll();
    assertEquals(
        List.of("written before", "logged before but not written", "logged meanwhile", "later"),
        texts(lines));
  }

  @Test
  void whoFollowsAModuleThatHasLoggedNothingYetGetsItsFirstLine() throws Exception {
    List<LogLine> lines = new ArrayList<>();
    try (AutoCloseable follow = book.follow("m", tail(1), lines::add)) {
      log("m", "first");
      runAll();
    }
    assertEquals(List.of("first"), texts(lines));
  }

  @Test
  void theTailIsOfWhatIsStoredAndTheOtherConditionsHoldForWhatComesToo() throws Exception {
    log("m", "a 1");
    log("m", "a 2");
    log("m", "b 3");
    runAll();
    List<LogLine> lines = new ArrayList<>();
    LogQuery query =
        new LogQuery(
            Optional.empty(), Optional.empty(), 1, level -> true, text -> text.startsWith("a"));
    try (AutoCloseable follow = book.follow("m", query, lines::add)) {
      log("m", "b 4");
      log("m", "a 5");
      log("m", "a 6");
      runAll();
    }
    assertEquals(List.of("a 2", "a 5", "a 6"), texts(lines));
  }

  @Test
  void aReaderThatIsTooSlowIsToldSoAndLeftBehind() throws Exception {
    List<LogLine> lines = new ArrayList<>();
    try (AutoCloseable follow = book.follow("m", LogQuery.ALL, lines::add)) {
      runAll();
      String text = "x".repeat(60_000);
      for (int i = 0; i < 40; i++) {
        log("m", i + text);
        threads.runAll();
      }
      runAll();
      assertTrue(lines.size() > 10 && lines.size() < 25, "lines: " + lines.size());
      assertEquals(
          "gantry: following ends here, the lines came faster than they were taken",
          lines.get(lines.size() - 1).text());
      int told = lines.size();
      log("m", "more");
      runAll();
      assertEquals(told, lines.size());
    }
    assertEquals(41, all().size());
  }

  @Test
  void aReaderThatFailsIsLeftBehindAndNobodyElse() throws Exception {
    List<LogLine> lines = new ArrayList<>();
    try (AutoCloseable failing =
            book.follow(
                "m",
                LogQuery.ALL,
                line -> {
                  throw new IllegalStateException("as the test wanted");
                });
        AutoCloseable good = book.follow("m", LogQuery.ALL, lines::add)) {
      log("m", "a");
      log("m", "b");
      runAll();
    }
    assertEquals(List.of("a", "b"), texts(lines));
  }

  @Test
  void linesThatThereIsNoRoomForAreCounted() throws IOException {
    String text = "x".repeat(60_000);
    for (int i = 0; i < 20; i++) {
      log("m", i + text);
    }
    log("quiet", "heard all the same");
    runAll();
    List<String> lines = all();
    assertEquals(18, lines.size());
    assertEquals(
        "gantry: 3 lines are missing here, there was no room to write them", lines.get(17));
    List<LogLine> quiet = new ArrayList<>();
    book.read("quiet", LogQuery.ALL, quiet::add);
    assertEquals(List.of("heard all the same"), texts(quiet));
  }

  @Test
  void linesThatCouldNotBeWrittenAreCountedWhenTheDiskTakesLinesAgain() throws IOException {
    Files.writeString(folder.resolve("logs"), "a file where the folder should be");
    for (int i = 0; i < 3; i++) {
      log("m", "lost " + i);
      log("m", "lost too " + i);
      runAll();
    }
    Files.delete(folder.resolve("logs"));
    log("m", "kept");
    log("m", "kept too");
    runAll();
    assertEquals(
        List.of(
            "gantry: 6 lines are missing here, there was no room to write them",
            "kept",
            "kept too"),
        all());
  }

  @Test
  void aLineThatIsRepeatedIsWrittenOnceWithHowOften() throws IOException {
    for (int i = 0; i < 5; i++) {
      log("m", "again");
      time.advance(Duration.ofSeconds(1));
    }
    log("m", "something else");
    runAll();
    assertEquals(List.of("again", "last line repeated 4 times", "something else"), all());
  }

  @Test
  void howOftenALineWasRepeatedIsSaidInTheEndEvenIfNothingElseIsLogged() throws IOException {
    log("m", "again");
    log("m", "again");
    runAll();
    assertEquals(List.of("again"), all());
    time.advance(Duration.ofSeconds(10));
    runAll();
    assertEquals(List.of("again", "last line repeated once"), all());
    log("m", "again");
    runAll();
    assertEquals(List.of("again", "last line repeated once", "again"), all());
  }

  @Test
  void aLineThatComesEveryMinuteIsNoRepetition() throws IOException {
    for (int i = 0; i < 3; i++) {
      log("m", "beat");
      runAll();
      time.advance(Duration.ofMinutes(1));
      runAll();
    }
    assertEquals(List.of("beat", "beat", "beat"), all());
  }

  @Test
  void aLineOfAnotherLevelIsNoRepetition() throws IOException {
    book.add(book.source("m"), line(6, "text"));
    book.add(book.source("m"), line(3, "text"));
    runAll();
    assertEquals(List.of("text", "text"), all());
  }

  @Test
  void whatWasLoggedBeforeTheEndIsWrittenBeforeIt() throws IOException {
    for (int i = 0; i < 3000; i++) {
      log("m", "line " + i);
    }
    log("m", "line 2999");
    book.close();
    open();
    List<String> lines = all();
    assertEquals(3001, lines.size());
    assertEquals("line 2999", lines.get(2999));
    assertEquals("last line repeated once", lines.get(3000));
  }

  @Test
  void whoeverLogsAfterTheEndIsNotHeldUp() {
    book.close();
    log("m", "too late");
    assertEquals(Set.of(), book.modules());
  }
}
