package io.gantry.module.log.print;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.entry.CallingBundle;
import io.gantry.module.log.ring.Rings;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class PrintingTest {

  @TempDir Path folder;
  private final ManualThreads threads = new ManualThreads();
  private final ManualTime time = new ManualTime();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(printed, true);
  private final PrintStream formerOut = System.out;
  private final PrintStream formerErr = System.err;
  private final CallingBundle reader = new CallingBundle("gantry:module/reader/3", "com.acme.r");
  private final CallingBundle writer = new CallingBundle("gantry:module/writer/4", "com.acme.w");
  private final CallingBundle library = new CallingBundle("gantry:shared/ab12", "com.acme.modbus");
  private final CallingBundle runtime = new CallingBundle("reference:file:x.jar", "io.gantry.hub");
  private Book book;
  private Printing printing;

  @BeforeEach
  void open() throws IOException {
    System.setOut(terminal);
    System.setErr(terminal);
    book = new Book(new Rings(folder, 1 << 20, 1 << 20), threads, time);
    printing = new Printing(book, time);
  }

  @AfterEach
  void close() {
    printing.close();
    book.close();
    System.setOut(formerOut);
    System.setErr(formerErr);
  }

  private List<LogLine> read(String log) throws IOException {
    threads.runAll();
    List<LogLine> lines = new ArrayList<>();
    book.read(log, LogQuery.ALL, lines::add);
    return lines;
  }

  private List<String> texts(String log) throws IOException {
    return read(log).stream().map(LogLine::text).toList();
  }

  @Test
  void whatAModulePrintsIsInItsLogAndOnTheStreamAsBefore() throws IOException {
    reader.call(() -> System.out.println("started"));
    writer.call(() -> System.err.println("no device"));
    assertEquals(List.of(new LogLine(time.instant(), 6, "started")), read("reader"));
    assertEquals(List.of(new LogLine(time.instant(), 4, "no device")), read("writer"));
    String end = System.lineSeparator();
    assertEquals("started" + end + "no device" + end, printed.toString());
  }

  @Test
  void theStreamGetsTheSameBytes() throws IOException {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write("Wärme: 21 °C\n".getBytes(Charset.defaultCharset()));
    expected.write(0xE4);
    reader.call(() -> System.out.print("Wärme: 21 °C\n"));
    reader.call(() -> System.out.write(0xE4));
    reader.call(System.out::flush);
    assertArrayEquals(expected.toByteArray(), printed.toByteArray());
  }

  @Test
  void aLineIsMadeOfItsPiecesAndNotOfTwoModules() throws IOException {
    reader.call(() -> System.out.print("one "));
    writer.call(() -> System.out.println("other"));
    reader.call(() -> System.out.print("two\nthree"));
    assertEquals(List.of("one two"), texts("reader"));
    assertEquals(List.of("other"), texts("writer"));
    printing.close();
    assertEquals(List.of("one two", "three"), texts("reader"), "the last has no line feed");
  }

  @ParameterizedTest
  @CsvSource({
    "<3> it broke, 3, it broke",
    "<7>quiet, 7, quiet",
    "<8> text, 6, <8> text",
    "<3>, 6, <3>",
    "<b> text, 6, <b> text"
  })
  void aLineMaySayItsLevelAsWithIotEdge(String line, int level, String text) throws IOException {
    reader.call(() -> System.out.println(line));
    assertEquals(List.of(new LogLine(time.instant(), level, text)), read("reader"));
  }

  @Test
  void aStackTraceKeepsItsIndentation() throws IOException {
    reader.call(new IllegalStateException("as the test wanted")::printStackTrace);
    List<String> texts = texts("reader");
    assertEquals("java.lang.IllegalStateException: as the test wanted", texts.get(0));
    assertEquals("\tat ", texts.get(1).substring(0, 4));
  }

  @Test
  void whatASharedLibraryPrintsIsTheCallers() throws IOException {
    reader.call(() -> library.call(() -> System.out.println("bus error")));
    assertEquals(List.of("bus error"), texts("reader"));
  }

  @Test
  void whatTheRuntimePrintsIsForTheTerminalOnly() throws IOException {
    reader.call(() -> runtime.call(() -> System.err.println("ERROR as logged")));
    threads.runAll();
    assertEquals(Set.of(), book.modules());
    assertEquals("ERROR as logged" + System.lineSeparator(), printed.toString());
  }

  /** The JVM prints it when nothing of the module is left on the stack. */
  @Test
  void anExceptionThatEndsAThreadOfAModuleIsInTheLogOfTheModule() throws Exception {
    Thread thread =
        new Thread(
            () -> {
              throw new IllegalStateException("as the test wanted");
            },
            "poll");
    thread.setContextClassLoader(reader);
    thread.start();
    thread.join();
    assertEquals(
        "Exception in thread \"poll\" java.lang.IllegalStateException: as the test wanted",
        texts("reader").get(0));
  }

  @Test
  void whatNobodyKnownPrintsIsTheAgents() throws IOException {
    System.out.println("who am I");
    assertEquals(List.of("who am I"), texts("edgeAgent"));
  }

  @Test
  void aLineThatDoesNotEndIsWrittenInPieces() throws IOException {
    String much = "x".repeat(40_000);
    reader.call(() -> System.out.print(much));
    assertEquals(List.of(), texts("reader"));
    reader.call(() -> System.out.print(much));
    assertEquals(List.of(64 * 1024), texts("reader").stream().map(String::length).toList());
    reader.call(System.out::println);
    assertEquals(80_000, texts("reader").stream().mapToInt(String::length).sum());
  }

  @Test
  void whoKeptTheStreamCanStillPrintWhenWeHaveGone() throws IOException {
    PrintStream kept = System.out;
    printing.close();
    assertSame(terminal, System.out);
    assertSame(terminal, System.err);
    reader.call(() -> kept.println("late"));
    assertEquals("late" + System.lineSeparator(), printed.toString());
    assertEquals(List.of(), read("reader"));
  }

  @Test
  void whatAnotherHasPutInOurPlaceStays() {
    PrintStream others = new PrintStream(new ByteArrayOutputStream());
    System.setOut(others);
    printing.close();
    assertSame(others, System.out);
  }
}
