package io.gantry.store.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreStatus;
import io.gantry.spi.store.Table;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.routing.FakeDrops;
import io.gantry.testkit.time.ManualThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A store on some disk, as tests want it: small files, a clock that they move. */
final class TestFolder implements AutoCloseable {

  static final Path DIRECTORY = Path.of("/store");
  static final Path QUEUES = DIRECTORY.resolve("queues");
  static final int SEGMENT = 64 * 1024;

  /** What the clock says in the beginning, since 1970. */
  static final Duration START = Duration.ofSeconds(1_000);

  private static final int MOST_TRIES = 12_000;

  private static final StoreSettings DEFAULTS =
      new StoreSettings(
          DIRECTORY,
          SyncPolicy.GROUP,
          Duration.ofMillis(1),
          1 << 20,
          SEGMENT,
          StoreBounds.of(1L << 30));

  private final FakeDrops drops = new FakeDrops();
  private final Disk disk;
  private final AtomicLong now;
  private final StoreFolder store;

  private TestFolder(Disk disk, StoreSettings settings, AtomicLong now) throws IOException {
    this.disk = disk;
    this.now = now;
    this.store =
        new StoreFolder(
            disk,
            settings,
            () -> Instant.ofEpochMilli(now.get()),
            new ManualThreads().factory("store"),
            drops);
  }

  static TestFolder open(Disk disk) throws IOException {
    return open(disk, DEFAULTS);
  }

  static TestFolder open(Disk disk, StoreSettings settings) throws IOException {
    return new TestFolder(disk, settings, new AtomicLong(START.toMillis()));
  }

  static StoreSettings settings(SyncPolicy sync) {
    return new StoreSettings(
        DIRECTORY, sync, Duration.ofMillis(1), 1 << 20, SEGMENT, StoreBounds.of(1L << 30));
  }

  /** A bound of so many segments. */
  static StoreSettings bounded(int segments) {
    return settings(bounds(segments, WhenFull.REFUSE));
  }

  static StoreSettings settings(StoreBounds bounds) {
    return new StoreSettings(
        DIRECTORY, SyncPolicy.GROUP, Duration.ofMillis(1), 4 * 1024, SEGMENT, bounds);
  }

  /** All of it for one receiver. */
  static StoreBounds bounds(int segments, WhenFull whenFull) {
    return new StoreBounds((long) segments * SEGMENT, 100, 80, whenFull, Duration.ZERO);
  }

  /** Whether some file of the queues was merged from others. */
  boolean hasMergedFiles() throws IOException {
    return disk.list(QUEUES).stream().anyMatch(path -> path.toString().matches(".*-\\d+\\.log"));
  }

  StoreFolder store() {
    return store;
  }

  FakeDrops drops() {
    return drops;
  }

  MessageQueue queue(String name) {
    return store.queues().queue(name);
  }

  Table table() {
    return store.table("table");
  }

  RetainedLog log() {
    return store.log("log", 1 << 20);
  }

  StoreStatus status() {
    return store.queues().status();
  }

  void advance(Duration duration) {
    now.addAndGet(duration.toMillis());
  }

  CompletionStage<Long> appending(String record, String... queues) {
    return store.queues().append(record.getBytes(UTF_8), List.of(queues));
  }

  long append(String record, String... queues) throws Exception {
    return get(appending(record, queues));
  }

  /** The merger has a thread of its own: until it has made room, the store refuses. */
  void appendPatiently(String record, String... queues) throws Exception {
    appendPatiently(record, targets(queues));
  }

  void appendPatiently(String record, QueueTarget... targets) throws Exception {
    assertTrue(eventually(() -> takes(record, targets)), () -> "no room: " + status());
  }

  /** Whether nothing but the file that is written is left, once the merger has ended its work. */
  boolean becomesOneSegment() throws Exception {
    settle();
    // What was merged is counted until the files that it stands in for have gone.
    return eventually(() -> status().segments() == 1 && status().bytes() < 2 * SEGMENT);
  }

  /** Whether some file is merged from others, once the merger has come to it. */
  boolean getsMergedFiles() throws Exception {
    return eventually(this::hasMergedFiles);
  }

  /** Gives the merger time, with a bound, until something holds; false when it does not. */
  private boolean eventually(Callable<Boolean> condition) throws Exception {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      if (condition.call()) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      settle();
    }
    return false;
  }

  /** Appends the record, and says whether it was not refused. */
  boolean takes(String record, String... queues) throws Exception {
    return takes(record, targets(queues));
  }

  boolean takes(String record, QueueTarget... targets) throws Exception {
    try {
      get(store.queues().append(record.getBytes(UTF_8), targets));
      return true;
    } catch (ExecutionException refused) {
      return false;
    }
  }

  private static QueueTarget[] targets(String... queues) {
    return Stream.of(queues).map(QueueTarget::of).toArray(QueueTarget[]::new);
  }

  /** Appends records of the given length until one is refused, and says how many were stored. */
  int appendUntilRefused(String queue, int length) throws Exception {
    for (int stored = 0; stored < 100_000; stored++) {
      if (!takes(record(stored, length), QueueTarget.of(queue))) {
        return stored;
      }
    }
    throw new AssertionError("no append was refused");
  }

  void put(String key, String value) throws Exception {
    get(table().put(key, value.getBytes(UTF_8)));
  }

  String value(String key) {
    return table().get(key).map(value -> new String(value, UTF_8)).orElse("none");
  }

  /** When it returns, positions that were committed before are durable, and files reclaimed. */
  void settle() throws Exception {
    Table other = store.table("settle");
    get(other.remove("1"));
    get(other.remove("2"));
  }

  /** The texts behind the position, without consuming them. */
  List<String> waiting(String name) throws IOException {
    return waiting(queue(name)).stream().map(entry -> text(entry.record())).toList();
  }

  static List<Entry> waiting(MessageQueue queue) throws IOException {
    List<Entry> all = new ArrayList<>();
    long after = queue.committed();
    List<Entry> entries = queue.read(after, 100, 1 << 20);
    while (!entries.isEmpty()) {
      all.addAll(entries);
      after = entries.get(entries.size() - 1).offset();
      entries = queue.read(after, 100, 1 << 20);
    }
    return all;
  }

  /** Commits all that waits and returns how many records it was. */
  int drain(String name) throws IOException {
    List<Entry> entries = waiting(queue(name));
    if (!entries.isEmpty()) {
      queue(name).commit(entries.get(entries.size() - 1).offset());
    }
    return entries.size();
  }

  /** The number, and dots up to the length. */
  static String record(int number, int length) {
    String head = number + " ";
    return head + ".".repeat(Math.max(0, length - head.length()));
  }

  static String text(byte[] record) {
    return new String(record, UTF_8);
  }

  static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** The kind of obstacle by which the stage fails. */
  static StoreException.Kind failure(CompletionStage<?> stage) throws Exception {
    try {
      Object result = get(stage);
      throw new AssertionError("expected a StoreException, found result " + result);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof StoreException refused) {
        return refused.kind();
      }
      throw failed;
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
