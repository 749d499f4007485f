package io.gantry.store.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.RetainedLog;
import io.gantry.store.writer.StoreSettings;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does what comes to mind with a store, keeps account of what was promised, and compares after each
 * end. Used by one thread.
 */
final class RandomLife {

  private static final int QUEUES = 5;

  /** So small that files are merged now and then. */
  private static final StoreSettings SETTINGS = TestFolder.bounded(8);

  /** More than an index, and what a file knows of the queues, are long. */
  private static final long BESIDE_RECORDS = 4_096;

  /** More than what the store adds to a record for one queue. */
  private static final long BESIDE_RECORD = 64;

  /** What is known of something that was asked for. */
  private enum Fate {
    ACKNOWLEDGED,
    REFUSED,
    UNKNOWN
  }

  /** One append to queues (a set of bits) or to the log (none). */
  private static final class Asked {
    final int number;
    final int queues;
    final byte[] record;
    final CompletableFuture<Long> stage;
    Fate fate = Fate.UNKNOWN;
    long offset = -1;

    Asked(int number, int queues, byte[] record, CompletableFuture<Long> stage) {
      this.number = number;
      this.queues = queues;
      this.record = record;
      this.stage = stage;
    }

    boolean isFor(int queue) {
      return (queues & 1 << queue) != 0;
    }
  }

  /** One change of the table. */
  private static final class Change {
    final String key;
    final String value;
    final CompletableFuture<Void> stage;
    Fate fate = Fate.UNKNOWN;

    Change(String key, String value, CompletableFuture<Void> stage) {
      this.key = key;
      this.value = value;
      this.stage = stage;
    }
  }

  private final Random random;
  private final boolean broken;
  private final boolean away;
  private final Map<Integer, Asked> appends = new TreeMap<>();
  private final Map<Integer, Asked> logged = new TreeMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final long[] asked = new long[QUEUES];
  private final long[] safe = new long[QUEUES];
  private Map<String, String> table = new TreeMap<>();
  private int next;
  private boolean merged;

  /**
   * Then no kill: between a sync that failed and the cut that follows, a kill leaves records that
   * the cache shows and no later sync makes safe. Nobody can tell, and nobody was promised them.
   */
  private boolean syncsFail;

  RandomLife(Random random, boolean broken) {
    this.random = random;
    this.broken = broken;
    this.away = random.nextBoolean();
    Arrays.fill(asked, -1);
    Arrays.fill(safe, -1);
  }

  /** A life that ends in a power cut or a kill; the disk that is found afterwards. */
  FaultyDisk live(FaultyDisk disk, long seed) throws Exception {
    TestFolder folder = TestFolder.open(disk, SETTINGS);
    syncsFail = false;
    compare(folder);
    for (int i = random.nextInt(80); i >= 0; i--) {
      step(folder, disk);
    }
    if (broken) {
      heal(disk);
    }
    if (random.nextBoolean()) {
      disk.holdSyncs();
      for (int i = random.nextInt(20); i >= 0; i--) {
        submit(folder);
      }
    }
    noteFates();
    boolean kill = !syncsFail && random.nextInt(3) == 0;
    FaultyDisk found = kill ? disk.kill() : disk.powerCut(seed);
    folder.close();
    noteSuccesses();
    return found;
  }

  /** Whether files were found that were merged from others. */
  boolean hasMerged() {
    return merged;
  }

  /** A life that ends orderly, and a look at what is there afterwards. */
  void liveInOrder(FaultyDisk disk) throws Exception {
    try (TestFolder folder = TestFolder.open(disk, SETTINGS)) {
      compare(folder);
      for (int i = 0; i < 10; i++) {
        submit(folder);
      }
    }
    noteFates();
    for (Asked each : appends.values()) {
      assertTrue(each.stage.isDone(), "an orderly end answers everything");
    }
    try (TestFolder folder = TestFolder.open(disk, SETTINGS)) {
      compare(folder);
      for (int queue = 0; queue < QUEUES; queue++) {
        assertEquals(asked[queue], folder.queue("q" + queue).committed());
      }
    }
  }

  // ---- what is done

  private void step(TestFolder folder, FaultyDisk disk) throws Exception {
    if (broken && random.nextInt(8) == 0) {
      harm(disk);
    }
    CompletableFuture<?> stage = submit(folder);
    if (random.nextInt(3) == 0) {
      settle(stage);
      read(folder, random.nextInt(QUEUES));
    }
    if (away && random.nextInt(8) == 0) {
      settle(stage);
      drainAllButOne(folder);
    }
  }

  private static void settle(CompletableFuture<?> stage) throws Exception {
    stage.handle((result, failure) -> result).get(60, TimeUnit.SECONDS);
  }

  private void harm(FaultyDisk disk) {
    disk.shortWrites(random.nextBoolean());
    switch (random.nextInt(3)) {
      case 0 -> disk.failWrite(1 + random.nextInt(3), 1 + random.nextInt(2));
      case 1 -> {
        disk.failSync(1 + random.nextInt(3), 1);
        syncsFail = true;
      }
      default -> disk.failFolderSync(1, 1 + random.nextInt(2));
    }
  }

  /** What is asked for at the very end fails by the end only, so that its fate can be told. */
  private void heal(FaultyDisk disk) throws Exception {
    disk.failWrite(1, 0);
    disk.failSync(1, 0);
    disk.failFolderSync(1, 0);
    for (Asked each : appends.values()) {
      settle(each.stage);
    }
    for (Asked each : logged.values()) {
      settle(each.stage);
    }
    for (Change each : changes) {
      settle(each.stage);
    }
  }

  private CompletableFuture<?> submit(TestFolder folder) {
    int what = random.nextInt(10);
    if (what < 7) {
      return append(folder);
    }
    return what < 8 ? log(folder) : change(folder);
  }

  private CompletableFuture<?> append(TestFolder folder) {
    int queues = 1 + random.nextInt((1 << QUEUES) - 1);
    if (away && queues > 1 && random.nextInt(8) > 0) {
      queues &= ~1;
    }
    List<String> names = new ArrayList<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      if ((queues & 1 << queue) != 0) {
        names.add("q" + queue);
      }
    }
    byte[] record = record(queues);
    CompletableFuture<Long> stage =
        folder.store().queues().append(record, names).toCompletableFuture();
    appends.put(next, new Asked(next, queues, record, stage));
    next++;
    return stage;
  }

  private CompletableFuture<?> log(TestFolder folder) {
    byte[] record = record(0);
    CompletableFuture<Long> stage = folder.log().append(record).toCompletableFuture();
    logged.put(next, new Asked(next, 0, record, stage));
    next++;
    return stage;
  }

  /** Its number, its queues, and something. */
  private byte[] record(int queues) {
    int length = random.nextInt(8) == 0 ? random.nextInt(30_000) : random.nextInt(2_000);
    byte[] record = new byte[8 + length];
    random.nextBytes(record);
    ByteBuffer.wrap(record).putInt(next).putInt(queues);
    return record;
  }

  private CompletableFuture<?> change(TestFolder folder) {
    String key = "k" + random.nextInt(4);
    boolean removes = random.nextInt(4) == 0;
    String value = removes ? "" : TestFolder.record(next++, random.nextInt(9_000));
    CompletableFuture<Void> stage =
        (removes ? folder.table().remove(key) : folder.table().put(key, value.getBytes(UTF_8)))
            .toCompletableFuture();
    changes.add(new Change(key, value, stage));
    return stage;
  }

  /** The first receiver is away, all others are fast: the files are mostly dead. */
  private void drainAllButOne(TestFolder folder) throws Exception {
    for (int queue = 1; queue < QUEUES; queue++) {
      MessageQueue reader = folder.queue("q" + queue);
      for (Entry entry : TestFolder.waiting(reader)) {
        require(entry, queue);
        asked[queue] = entry.offset();
      }
      reader.commit(asked[queue]);
    }
  }

  /** Reads some of a queue, looks whether it is right, and perhaps commits some of it. */
  private void read(TestFolder folder, int queue) throws Exception {
    MessageQueue reader = folder.queue("q" + queue);
    List<Entry> entries = reader.read(reader.committed(), 1 + random.nextInt(20), 20_000);
    for (Entry entry : entries) {
      require(entry, queue);
    }
    if (!entries.isEmpty() && random.nextBoolean()) {
      long offset = entries.get(random.nextInt(entries.size())).offset();
      asked[queue] = offset;
      reader.commit(offset);
    }
  }

  private Asked require(Entry entry, int queue) {
    Asked source = appends.get(ByteBuffer.wrap(entry.record()).getInt());
    assertTrue(source != null, "a record that nobody appended");
    assertArrayEquals(source.record, entry.record());
    assertTrue(source.isFor(queue), "record " + source.number + " in queue " + queue);
    assertTrue(source.fate != Fate.REFUSED, "record " + source.number + " was refused");
    return source;
  }

  // ---- what was promised

  private void noteFates() {
    for (Asked each : appends.values()) {
      note(each, true);
    }
    for (Asked each : logged.values()) {
      note(each, true);
    }
    for (Change each : changes) {
      each.fate = fate(each.stage, each.fate, true);
    }
  }

  /** What failed now failed because of the end: it may be there. */
  private void noteSuccesses() {
    for (Asked each : appends.values()) {
      note(each, false);
    }
    for (Asked each : logged.values()) {
      note(each, false);
    }
    for (Change each : changes) {
      each.fate = fate(each.stage, each.fate, false);
    }
  }

  private static void note(Asked each, boolean alsoFailures) {
    each.fate = fate(each.stage, each.fate, alsoFailures);
    if (each.fate == Fate.ACKNOWLEDGED && each.offset < 0) {
      each.offset = each.stage.join();
    }
  }

  private static Fate fate(CompletableFuture<?> stage, Fate known, boolean alsoFailures) {
    if (known != Fate.UNKNOWN || !stage.isDone()) {
      return known;
    }
    if (stage.isCompletedExceptionally()) {
      return alsoFailures ? Fate.REFUSED : known;
    }
    return Fate.ACKNOWLEDGED;
  }

  // ---- what is there

  private void compare(TestFolder folder) throws Exception {
    merged |= mustMerge(folder) ? folder.getsMergedFiles() : folder.hasMergedFiles();
    Map<Integer, Long> found = new HashMap<>();
    for (int queue = 0; queue < QUEUES; queue++) {
      compareQueue(folder.queue("q" + queue), queue, found);
    }
    compareAtomicity(folder, found);
    compareLog(folder.log());
    compareTable(folder);
    assertEquals(0, folder.status().damagedRecords());
    assertEquals(Map.of(), folder.drops().counts());
  }

  /** Whether a start has to merge: a part of the bound, and most of the full files, is dead. */
  private static boolean mustMerge(TestFolder folder) {
    long full = folder.status().bytes() - TestFolder.SEGMENT - BESIDE_RECORDS;
    long live = 0;
    for (int queue = 0; queue < QUEUES; queue++) {
      MessageQueue reader = folder.queue("q" + queue);
      live += reader.pendingBytes() + reader.pending() * BESIDE_RECORD;
    }
    long dead = full - live;
    return dead > SETTINGS.bounds().maxBytes() / 8 && dead > live;
  }

  private void compareQueue(MessageQueue reader, int queue, Map<Integer, Long> found)
      throws Exception {
    long position = reader.committed();
    assertTrue(position <= asked[queue], "position of " + queue + " is newer than what was done");
    assertTrue(position >= safe[queue], "position of " + queue + " went back");
    Map<Integer, Entry> here = new TreeMap<>();
    long last = position;
    int lastNumber = -1;
    for (Entry entry : TestFolder.waiting(reader)) {
      Asked source = require(entry, queue);
      assertTrue(entry.offset() > last && source.number > lastNumber, "order of " + queue);
      last = entry.offset();
      lastNumber = source.number;
      here.put(source.number, entry);
      Long elsewhere = found.put(source.number, entry.offset());
      assertTrue(elsewhere == null || elsewhere == entry.offset(), "one offset in all queues");
    }
    assertEquals(here.size(), reader.pending());
    for (Asked each : appends.values()) {
      if (each.fate == Fate.ACKNOWLEDGED && each.isFor(queue) && each.offset > position) {
        assertTrue(here.containsKey(each.number), "lost " + each.number + " of " + queue);
        assertEquals(each.offset, here.get(each.number).offset());
      }
    }
    asked[queue] = position;
    safe[queue] = position;
  }

  /** What was not answered is in all its queues or in none, and nothing is missing in between. */
  private void compareAtomicity(TestFolder folder, Map<Integer, Long> found) {
    int newest = new TreeSet<>(found.keySet()).descendingSet().stream().findFirst().orElse(-1);
    for (Asked each : appends.values()) {
      Long offset = found.get(each.number);
      if (each.fate == Fate.UNKNOWN) {
        assertEquals(offset != null, each.number <= newest, "gap at " + each.number);
        each.fate = offset == null ? Fate.REFUSED : Fate.ACKNOWLEDGED;
        each.offset = offset == null ? -1 : offset;
      }
    }
    // Acknowledged by being found, it must be in each of its queues: look again with that
    // knowledge.
    for (Asked each : appends.values()) {
      if (each.fate == Fate.ACKNOWLEDGED) {
        requireInAll(folder, each);
      }
    }
  }

  private void requireInAll(TestFolder folder, Asked each) {
    for (int queue = 0; queue < QUEUES; queue++) {
      MessageQueue reader = folder.queue("q" + queue);
      if (each.isFor(queue) && each.offset > reader.committed()) {
        try {
          List<Entry> entries = reader.read(each.offset - 1, 1, 1);
          assertEquals(each.offset, entries.isEmpty() ? -1 : entries.get(0).offset());
        } catch (IOException unreadable) {
          throw new AssertionError(unreadable);
        }
      }
    }
  }

  private void compareLog(RetainedLog log) throws Exception {
    assertEquals(0, log.first(), "the log is not full yet");
    List<RetainedLog.Entry> entries = log.read(0, Integer.MAX_VALUE);
    assertEquals(entries.size(), log.next());
    Map<Integer, Long> found = new TreeMap<>();
    for (int i = 0; i < entries.size(); i++) {
      assertEquals(i, entries.get(i).offset());
      int number = ByteBuffer.wrap(entries.get(i).record()).getInt();
      Asked source = logged.get(number);
      assertTrue(source != null && source.fate != Fate.REFUSED, "log record " + number);
      assertArrayEquals(source.record, entries.get(i).record());
      found.put(number, (long) i);
    }
    for (Asked each : logged.values()) {
      Long offset = found.get(each.number);
      if (each.fate == Fate.ACKNOWLEDGED) {
        assertEquals(each.offset, offset, "log record " + each.number);
      } else if (each.fate == Fate.UNKNOWN) {
        each.fate = offset == null ? Fate.REFUSED : Fate.ACKNOWLEDGED;
        each.offset = offset == null ? -1 : offset;
      }
    }
  }

  /** The table is as after all acknowledged changes, and perhaps some of those behind them. */
  private void compareTable(TestFolder folder) {
    Map<String, String> actual = new TreeMap<>();
    for (String key : folder.table().keys()) {
      actual.put(key, folder.value(key));
    }
    int acknowledged = 0;
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).fate == Fate.ACKNOWLEDGED) {
        acknowledged = i + 1;
      }
    }
    Map<String, String> expected = new TreeMap<>(table);
    boolean fits = acknowledged == 0 && expected.equals(actual);
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).fate != Fate.REFUSED) {
        apply(changes.get(i), expected);
      }
      fits |= i + 1 >= acknowledged && expected.equals(actual);
    }
    assertTrue(fits, "the table is " + actual.keySet() + " with other values than were put");
    table = actual;
    changes.clear();
  }

  private static void apply(Change change, Map<String, String> values) {
    if (change.value.isEmpty()) {
      values.remove(change.key);
    } else {
      values.put(change.key, change.value);
    }
  }
}
