package io.gantry.agent.client.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.agent.client.FakeAgent;
import io.gantry.agent.client.FakeLogs;
import io.gantry.agent.client.log.LogForm;
import io.gantry.agent.client.log.LogItems;
import io.gantry.agent.client.log.LogWriter;
import io.gantry.agent.client.task.Task.State;
import io.gantry.agent.client.task.Uploads.Part;
import io.gantry.agent.client.upload.BlobStore;
import io.gantry.agent.client.upload.SasUrl;
import io.gantry.agent.client.upload.Spool;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.log.LogQuery;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadsTest {

  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;
  private final BlobService service = new BlobService();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  private final FakeLogs logs = new FakeLogs();
  private final LogWriter writer = new LogWriter(logs, "gantry.local", "gateway");
  private final Tasks tasks = new Tasks();
  private Spool spool;
  private Uploads uploads;

  /** Pauses are over at once. */
  private final Scheduler scheduler =
      (pause, task) -> {
        pauses.add(pause);
        task.run();
        return () -> {};
      };

  private final SerialExecutor executor =
      new SerialExecutor() {
        @Override
        public void execute(Runnable task) {
          thread.execute(task);
        }

        @Override
        public boolean isCurrent() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
          thread.shutdown();
        }
      };

  @BeforeEach
  void open() {
    spool = new Spool(folder.resolve("spool"), 16 << 20);
    uploads = new Uploads(executor, tasks, spool, () -> new BlobStore(executor, scheduler));
  }

  @AfterEach
  void close() {
    service.close();
    thread.shutdownNow();
  }

  private SasUrl container() throws Exception {
    return SasUrl.of("sasUrl", service.container() + "?sv=2020&sig=a%2Bb");
  }

  private Part part(String name, LogForm form) {
    return new Part(
        List.of("gantry.local", "gateway", name),
        form.mediaType(),
        form.gzip(),
        !form.json(),
        out -> writer.write("m", LogQuery.ALL, form, out));
  }

  private static Part text(String name, byte[] bytes) {
    return new Part(List.of(name), "text/plain", false, true, out -> out.write(bytes));
  }

  /** How it stands when it and all before it are over. */
  private Task over(Task task) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!tasks.get(task.id()).isOver()) {
      assertTrue(System.nanoTime() < end, () -> "waited in vain: " + tasks.get(task.id()));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    return tasks.get(task.id());
  }

  private List<Path> spooled() throws IOException {
    if (!Files.isDirectory(folder.resolve("spool"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
      return files.toList();
    }
  }

  @Test
  void textGoesIntoAnAppendBlobAndJsonIntoABlockBlob() throws Exception {
    logs.add("m", TIME, 6, "line");
    LogForm text = LogForm.TEXT;
    LogForm json = new LogForm(true, false);
    LogForm zip = new LogForm(false, true);
    Task task =
        uploads.start(
            container(),
            List.of(part("a b.log", text), part("c.json", json), part("d.log.gz", zip)));
    assertEquals(new Task(task.id(), State.COMPLETED, ""), over(task));
    assertEquals(
        "<6> 2026-01-01 00:00:00.000 +00:00 line\n",
        service.text("gantry.local/gateway/a%20b.log"));
    assertEquals(
        "AppendBlob text/plain null", service.properties("gantry.local/gateway/a%20b.log"));
    assertEquals(
        "[{\"iothub\":\"gantry.local\",\"device\":\"gateway\",\"id\":\"m\",\"stream\":\"stdout\","
            + "\"loglevel\":6,\"text\":\"line\",\"timestamp\":\"2026-01-01T00:00:00Z\"}]",
        service.text("gantry.local/gateway/c.json"));
    assertEquals(
        "BlockBlob application/json null", service.properties("gantry.local/gateway/c.json"));
    try (InputStream unzipped =
        new GZIPInputStream(
            new ByteArrayInputStream(service.blob("gantry.local/gateway/d.log.gz")))) {
      assertEquals(
          "<6> 2026-01-01 00:00:00.000 +00:00 line\n", new String(unzipped.readAllBytes(), UTF_8));
    }
    assertEquals("AppendBlob text/plain gzip", service.properties("gantry.local/gateway/d.log.gz"));
    assertEquals(List.of(), spooled());
    assertEquals(List.of(), pauses);
  }

  @Test
  void aLongLogGoesInBlocks() throws Exception {
    byte[] bytes = new byte[9 << 20];
    Arrays.fill(bytes, (byte) 'x');
    Task task = uploads.start(container(), List.of(text("long.log", bytes)));
    assertEquals(State.COMPLETED, over(task).state());
    assertEquals(
        List.of("put 0", "append 4194304", "append 4194304", "append 1048576"), service.requests());
    assertEquals(bytes.length, service.blob("long.log").length);
  }

  @Test
  void whatTheServiceCannotTakeNowIsTriedAgainFromTheBeginning() throws Exception {
    service.answer(503, 0, 500, -1, 0, 0);
    Task task = uploads.start(container(), List.of(text("a.log", "text".getBytes(UTF_8))));
    assertEquals(State.COMPLETED, over(task).state());
    assertEquals("text", service.text("a.log"));
    assertEquals(
        List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)), pauses);
    assertEquals(
        List.of("put 0", "put 0", "append 4", "put 0", "put 0", "append 4"), service.requests());
  }

  /** The JDK's client needs files of its own, of which a process may have too many open. */
  @Test
  void whereThereIsNothingToUploadWithTheTaskFailsAndTheNextOneIsDone() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean(true);
    uploads =
        new Uploads(
            executor,
            tasks,
            spool,
            () -> {
              if (exhausted.get()) {
                throw new UncheckedIOException(new IOException("Too many open files"));
              }
              return new BlobStore(executor, scheduler);
            });
    for (int i = 0; i < 12; i++) {
      Task failed = over(uploads.start(container(), List.of(text("a.log", new byte[1]))));
      assertEquals(State.FAILED, failed.state());
      assertEquals("Uploading failed: UncheckedIOException", failed.message());
    }
    assertFalse(tasks.isFull());
    assertEquals(List.of(), spooled());
    exhausted.set(false);
    Task task = uploads.start(container(), List.of(text("a.log", new byte[1])));
    assertEquals(State.COMPLETED, over(task).state());
  }

  @Test
  void aPartWhoseWritingEndsInAnErrorFailsAndKeepsNoOtherFromBeingTried() throws Exception {
    Part broken =
        new Part(
            List.of("b.log"),
            "text/plain",
            false,
            true,
            out -> {
              throw new NoClassDefFoundError("a class of the log");
            });
    Task task = uploads.start(container(), List.of(broken, text("a.log", "text".getBytes(UTF_8))));
    assertEquals(
        new Task(task.id(), State.FAILED, "Writing b.log failed: a class of the log"), over(task));
    assertEquals("text", service.text("a.log"));
    assertEquals(List.of(), spooled());
    Task next = uploads.start(container(), List.of(text("c.log", new byte[1])));
    assertEquals(State.COMPLETED, over(next).state());
  }

  @Test
  void aServiceThatNeverTakesItIsGivenUp() throws Exception {
    service.answer(503, 503, 503, 503, 503, 503);
    Task task = uploads.start(container(), List.of(text("a.log", new byte[1])));
    assertEquals(
        "Uploading a.log to " + service.container() + "/ failed: 503", over(task).message());
    assertEquals(State.FAILED, over(task).state());
    assertEquals(5, pauses.size());
    assertEquals(List.of(), spooled());
  }

  @Test
  void aRefusalIsNotTriedAgainAndTellsNoSignature() throws Exception {
    SasUrl wrong = SasUrl.of("sasUrl", service.container() + "?sv=2020&sig=wrong");
    Task task =
        uploads.start(wrong, List.of(text("a.log", new byte[1]), text("b.log", new byte[1])));
    String refused = " to " + service.container() + "/ failed: 403 AuthorizationFailure";
    assertEquals(
        new Task(
            task.id(), State.FAILED, "Uploading a.log" + refused + "; Uploading b.log" + refused),
        over(task));
    assertEquals(List.of(), pauses);
    assertFalse(wrong.toString().contains("sig"));
  }

  /** The signature is for this service, and whoever redirects might want it for another. */
  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsNotFollowed(int status) throws Exception {
    service.answer(status);
    Task task = uploads.start(container(), List.of(text("a.log", new byte[1])));
    assertEquals(
        "Uploading a.log to " + service.container() + "/ failed: " + status, over(task).message());
    assertEquals(List.of("put 0"), service.requests());
  }

  /** It would be waited for as long as the process lives, and all other uploads with it. */
  @Test
  void anAnswerThatNeverEndsKeepsNobodyWaiting() throws Exception {
    service.answer(BlobService.ENDLESS, BlobService.ENDLESS);
    Task first = uploads.start(container(), List.of(text("a.log", "line".getBytes(UTF_8))));
    Task second = uploads.start(container(), List.of(text("b.log", new byte[1])));
    assertEquals(State.COMPLETED, over(first).state());
    assertEquals(State.COMPLETED, over(second).state());
    assertEquals("line", service.text("a.log"));
  }

  @Test
  void aServiceThatIsNotThereIsToldWithoutItsSignature() throws Exception {
    SasUrl away = container();
    service.close();
    Task task = uploads.start(away, List.of(text("a.log", new byte[1])));
    assertEquals(
        "Uploading a.log to " + service.container() + "/ failed: ConnectException",
        over(task).message());
  }

  @Test
  void aPartThatFailsDoesNotKeepTheOthersAway() throws Exception {
    service.answer(400);
    Task task =
        uploads.start(
            container(), List.of(text("a.log", new byte[1]), text("b.log", "b".getBytes(UTF_8))));
    assertEquals(State.FAILED, over(task).state());
    assertEquals("b", service.text("b.log"));
  }

  @Test
  void aFileThatIsTooLargeForTheSpoolIsNotUploaded() throws Exception {
    Task task = uploads.start(container(), List.of(text("a.log", new byte[17 << 20])));
    assertEquals(
        "Writing a.log failed: expected at most 16777216 bytes, found more", over(task).message());
    assertEquals(List.of(), service.requests());
    assertEquals(List.of(), spooled());
  }

  @Test
  void tasksWaitForEachOtherAndAreRemembered() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Part waits =
        new Part(
            List.of("a.log"),
            "text/plain",
            false,
            true,
            out -> {
              try {
                assertTrue(go.await(60, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            });
    List<Task> started = new ArrayList<>();
    started.add(uploads.start(container(), List.of(waits)));
    for (int i = 1; i < 10; i++) {
      started.add(uploads.start(container(), List.of(text(i + ".log", new byte[1]))));
    }
    assertTrue(tasks.isFull());
    assertEquals(State.NOT_STARTED, tasks.get(started.get(9).id()).state());
    go.countDown();
    assertEquals(State.COMPLETED, over(started.get(9)).state());
    assertFalse(tasks.isFull());
    assertEquals(State.COMPLETED, tasks.get(started.get(0).id()).state());
    for (int i = 0; i < 91; i++) {
      tasks.set(tasks.add().id(), State.COMPLETED, "");
    }
    assertEquals(State.UNKNOWN, tasks.get(started.get(0).id()).state());
    assertEquals(State.COMPLETED, tasks.get(started.get(1).id()).state());
  }

  @Test
  void whatAFormerRunHasLeftIsDeleted() throws Exception {
    Path left = spool.write(out -> out.write(1));
    Files.writeString(folder.resolve("spool/other.txt"), "theirs");
    new Spool(folder.resolve("spool"), 1).clear();
    assertFalse(Files.exists(left));
    assertEquals(1, spooled().size());
  }

  @Test
  void aSupportBundleHoldsLogsStateAndHistory() throws Exception {
    FakeAgent agent = new FakeAgent();
    agent.report("{'version':{'version':'0.1.0'},'lastDesiredVersion':3}");
    agent.modules = List.of("reader");
    logs.add("reader", TIME, 6, "read");
    logs.add("edgeAgent", TIME, 4, "careful");
    SupportBundle bundle =
        new SupportBundle(
            agent,
            writer,
            LogItems.within(Optional.empty(), Optional.empty()).select(logs.modules()),
            TIME);
    Task task =
        uploads.start(
            container(),
            List.of(new Part(List.of("s.zip"), "application/zip", false, false, bundle::writeTo)));
    assertEquals(State.COMPLETED, over(task).state());
    Map<String, String> entries = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(service.blob("s.zip")))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), new String(zip.readAllBytes(), UTF_8).replaceAll("\\s+", ""));
      }
    }
    assertEquals(
        List.of(
            "history.json",
            "logs/edgeAgent.log",
            "logs/reader.log",
            "modules.json",
            "reported.json",
            "version.json"),
        List.copyOf(entries.keySet()));
    assertEquals(
        "[{\"number\":3,\"state\":\"in_force\",\"origin\":\"deployed\","
            + "\"takenAt\":\"2026-01-01T00:00:00Z\",\"description\":\"\","
            + "\"modules\":{\"reader\":\"1.2.0\"}}]",
        entries.get("history.json"));
    assertEquals("<6>2026-01-0100:00:00.000+00:00read", entries.get("logs/reader.log"));
    assertTrue(entries.get("modules.json").contains("\"name\":\"reader\",\"status\":\"running\""));
    assertEquals("{\"version\":\"0.1.0\"}", entries.get("version.json"));
  }
}
