package io.gantry.module.log.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.log.book.Book;
import io.gantry.module.log.ring.Rings;
import io.gantry.spi.log.LogLine;
import io.gantry.spi.log.LogQuery;
import io.gantry.testkit.time.ManualThreads;
import io.gantry.testkit.time.ManualTime;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

class LogEntriesTest {

  private static final Instant TIME = Instant.parse("2026-03-01T08:00:01.023Z");

  @TempDir Path folder;
  private final ManualThreads threads = new ManualThreads();
  private Book book;
  private LogEntries entries;
  private long ids;
  private long sequence;

  @BeforeEach
  void open() throws IOException {
    book = new Book(new Rings(folder, 1 << 20, 1 << 20), threads, new ManualTime());
    entries = new LogEntries(book, TIME.minusSeconds(1));
  }

  @AfterEach
  void close() {
    book.close();
  }

  /** Answers these methods and fails at others, as what the log service gives has more of them. */
  private static <T> T answering(Class<T> type, Map<String, Object> answers) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (!answers.containsKey(method.getName())) {
                throw new UnsupportedOperationException(method.getName());
              }
              return answers.get(method.getName());
            });
    return type.cast(proxy);
  }

  private Bundle bundle(String location, String symbolicName) {
    return answering(
        Bundle.class,
        Map.of("getBundleId", ++ids, "getLocation", location, "getSymbolicName", symbolicName));
  }

  private LogEntry entry(
      @Nullable Bundle bundle, LogLevel level, String message, @Nullable Throwable exception) {
    Map<String, Object> answers = new HashMap<>();
    answers.put("getSequence", ++sequence);
    answers.put("getBundle", bundle);
    answers.put("getLogLevel", level);
    answers.put("getMessage", message);
    answers.put("getException", exception);
    answers.put("getTime", TIME.toEpochMilli());
    answers.put("getLoggerName", "com.acme.Reader");
    return answering(LogEntry.class, answers);
  }

  private List<LogLine> read(String log) throws IOException {
    threads.runAll();
    List<LogLine> lines = new ArrayList<>();
    book.read(log, LogQuery.ALL, lines::add);
    return lines;
  }

  @ParameterizedTest
  @CsvSource({
    "gantry:module/reader/7, com.acme.reader, reader",
    "reference:file:hub.jar, io.gantry.hub, edgeHub",
    "reference:file:mqtt.jar, io.gantry.mqtt, edgeHub",
    "reference:file:web.jar, io.gantry.web, edgeHub",
    "reference:file:routing.jar, io.gantry.routing, edgeHub",
    "reference:file:store.jar, io.gantry.store, edgeHub",
    "reference:file:client.jar, io.gantry.module.client, edgeHub",
    "reference:file:agent.jar, io.gantry.agent, edgeAgent",
    "System Bundle, org.apache.felix.framework, edgeAgent",
    "gantry:module/../7, com.acme.reader, edgeAgent"
  })
  void aLineGoesIntoTheLogOfWhoeverLoggedIt(String location, String name, String log)
      throws IOException {
    entries.logged(entry(bundle(location, name), LogLevel.INFO, "text", null));
    assertEquals(List.of(new LogLine(TIME, 6, "Reader: text")), read(log));
    assertEquals(Set.of(log), book.modules());
  }

  @Test
  void whatNoBundleLoggedIsTheAgents() throws IOException {
    entries.logged(entry(null, LogLevel.INFO, "text", null));
    assertEquals(1, read("edgeAgent").size());
  }

  @Test
  void bothGenerationsOfAModuleHaveOneLog() throws IOException {
    entries.logged(entry(bundle("gantry:module/m/1", "x"), LogLevel.INFO, "old", null));
    entries.logged(entry(bundle("gantry:module/m/2", "x"), LogLevel.INFO, "new", null));
    assertEquals(2, read("m").size());
  }

  @ParameterizedTest
  @CsvSource({"ERROR, 3", "WARN, 4", "AUDIT, 5", "INFO, 6", "DEBUG, 7", "TRACE, 7"})
  void levelsAreThoseOfSyslog(LogLevel level, int expected) throws IOException {
    entries.logged(entry(null, level, "text", null));
    assertEquals(expected, read("edgeAgent").get(0).level());
  }

  @Test
  void anExceptionFollowsItsLine() throws IOException {
    entries.logged(entry(null, LogLevel.ERROR, "failed", new IOException("no disk")));
    String text = read("edgeAgent").get(0).text();
    assertTrue(text.startsWith("Reader: failed\njava.io.IOException: no disk\n\tat io."), text);
  }

  @Test
  void anExceptionThatCannotBeToldDoesNotEndTheListening() throws IOException {
    RuntimeException hostile =
        new RuntimeException("x") {
          private static final long serialVersionUID = 1L;

          @Override
          public String toString() {
            throw new IllegalStateException("as the test wanted");
          }
        };
    entries.logged(entry(null, LogLevel.ERROR, "failed", hostile));
    assertTrue(read("edgeAgent").get(0).text().startsWith("Reader: failed\n"));
  }

  @Test
  void anExceptionWhoseClassesHaveLeftIsLoggedNevertheless() throws IOException {
    RuntimeException orphan =
        new RuntimeException("x") {
          private static final long serialVersionUID = 1L;

          @Override
          public String toString() {
            throw new NoClassDefFoundError("as the test wanted");
          }
        };
    entries.logged(entry(null, LogLevel.ERROR, "failed", orphan));
    assertTrue(
        read("edgeAgent").get(0).text().contains("cannot be told: java.lang.NoClassDefFoundError"));
  }

  @Test
  void anEntryThatCannotBeReadDoesNotEndTheListening() throws IOException {
    entries.logged(answering(LogEntry.class, Map.of("getTime", TIME.toEpochMilli())));
    assertEquals(
        "gantry: a log entry could not be read: java.lang.UnsupportedOperationException",
        read("edgeAgent").get(0).text());
  }

  @Test
  void aTextCannotSteerATerminal() throws IOException {
    entries.logged(entry(null, LogLevel.INFO, "\u001b[2J", null));
    assertEquals("Reader: \\u001b[2J", read("edgeAgent").get(0).text());
  }

  @ParameterizedTest
  @CsvSource({
    "io.gantry.module.host, module reader: version 1.2.0 is installed",
    "io.gantry.module.host, module reader 1.2.0: STARTING -> FAILED",
    "io.gantry.agent, AGENT-06 module reader: unknown -> running (running)",
    "io.gantry.module.client, Module reader failed to answer reset"
  })
  void whatTheRuntimeSaysOfAModuleIsInTheLogOfTheModuleToo(String name, String text)
      throws IOException {
    entries.logged(entry(bundle("reference:file:ours.jar", name), LogLevel.WARN, text, null));
    assertEquals(List.of(new LogLine(TIME, 4, "Reader: " + text)), read("reader"));
    assertEquals(2, book.modules().size());
  }

  @ParameterizedTest
  @CsvSource({
    "reference:file:x.jar, io.gantry.hub, module reader: x",
    "gantry:module/m/1, io.gantry.agent, module reader: x",
    "reference:file:x.jar, io.gantry.agent, modules reader: x",
    "reference:file:x.jar, io.gantry.agent, module ../x: x",
    "reference:file:x.jar, io.gantry.agent, the module reader: x"
  })
  void otherLinesAreInOneLog(String location, String name, String text) throws IOException {
    entries.logged(entry(bundle(location, name), LogLevel.INFO, text, null));
    threads.runAll();
    assertEquals(1, book.modules().size());
  }

  private final CallingBundle runtime = new CallingBundle("reference:file:x.jar", "io.gantry.hub");
  private final CallingBundle library = new CallingBundle("gantry:shared/ab12", "com.acme.modbus");
  private final CallingBundle other = new CallingBundle("gantry:shared/cd34", "com.acme.serial");
  private final CallingBundle reader = new CallingBundle("gantry:module/reader/3", "com.acme.r");
  private final CallingBundle writer = new CallingBundle("gantry:module/writer/4", "com.acme.w");

  private void libraryLogs() {
    LogEntry entry = entry(library.getBundle(), LogLevel.INFO, "text", null);
    // The log service stands between the library and us.
    library.call(() -> runtime.call(() -> entries.logged(entry)));
  }

  private void assertOnlyIn(String log) throws IOException {
    assertEquals(1, read(log).size());
    assertEquals(Set.of(log), book.modules());
  }

  @Test
  void whatASharedLibraryLogsIsInTheLogOfTheModuleThatCallsIt() throws IOException {
    writer.call(() -> reader.call(() -> other.call(this::libraryLogs)));
    assertOnlyIn("reader");
  }

  @Test
  void whatALibraryLogsOnAThreadOfAModuleIsInTheLogOfTheModule() throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(writer);
    try {
      runtime.call(this::libraryLogs);
    } finally {
      thread.setContextClassLoader(before);
    }
    assertOnlyIn("writer");
  }

  @Test
  void whatALibraryLogsForTheRuntimeIsTheAgentsEvenIfAModuleIsFurtherUp() throws IOException {
    reader.call(() -> runtime.call(this::libraryLogs));
    assertOnlyIn("edgeAgent");
  }

  @Test
  void whatALibraryLogsOnAThreadOfItsOwnIsTheAgents() throws IOException {
    libraryLogs();
    assertOnlyIn("edgeAgent");
  }

  @Test
  void whatWasLoggedBeforeWeCameIsTakenOnceAndInOrder() throws IOException {
    LogEntry old = entryAt(TIME.minusSeconds(1), "by a former instance");
    LogEntry first = entry(null, LogLevel.INFO, "first", null);
    LogEntry second = entry(null, LogLevel.INFO, "second", null);
    LogEntry third = entry(null, LogLevel.INFO, "third", null);
    // Another thread is just logging the third, which is among the recent ones, too.
    entries.listenTo(new Reader(List.of(third, second, first, old), List.of(third)));
    entries.logged(second);
    entries.logged(entry(null, LogLevel.INFO, "fourth", null));
    assertEquals(
        List.of("Reader: third", "Reader: first", "Reader: second", "Reader: fourth"),
        read("edgeAgent").stream().map(LogLine::text).toList());
  }

  /**
   * A log service.
   *
   * @param recent the newest first
   * @param meanwhile is logged while somebody begins to listen
   */
  private record Reader(List<LogEntry> recent, List<LogEntry> meanwhile)
      implements LogReaderService {

    @Override
    public void addLogListener(LogListener listener) {
      meanwhile.forEach(listener::logged);
    }

    @Override
    public void removeLogListener(LogListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Enumeration<LogEntry> getLog() {
      return Collections.enumeration(recent);
    }
  }

  @Test
  void anotherLogServiceCountsFromTheBeginningAndLosesNothing() throws IOException {
    entries.listenTo(new Reader(List.of(entry(null, LogLevel.INFO, "of one", null)), List.of()));
    sequence = 0;
    entries.listenTo(new Reader(List.of(entry(null, LogLevel.INFO, "of other", null)), List.of()));
    assertEquals(
        List.of("Reader: of one", "Reader: of other"),
        read("edgeAgent").stream().map(LogLine::text).toList());
  }

  private LogEntry entryAt(Instant time, String message) {
    Map<String, Object> answers = new HashMap<>();
    answers.put("getSequence", ++sequence);
    answers.put("getMessage", message);
    answers.put("getTime", time.toEpochMilli());
    return answering(LogEntry.class, answers);
  }
}
