package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.get;
import static io.gantry.store.folder.TestFolder.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A disk that ages: a flipped bit costs the record it hits, is counted, and stops nothing. The
 * newest record of a file that is written to is the exception: whether it was torn by a power cut
 * or has decayed nobody can tell, so it is not counted.
 */
class DamageTest {

  private static final int RECORDS = 40;
  private static final int LENGTH = 4_000;
  private static final int LOGGED = 60;
  private static final Path LOG = TestFolder.DIRECTORY.resolve("logs").resolve("log");
  private static final Path TABLE = TestFolder.DIRECTORY.resolve("tables").resolve("table.table");

  private final FaultyDisk disk = new FaultyDisk();
  private long position;

  /** Three files of records in two queues, two files of a log, a table. */
  @BeforeEach
  void fill() throws Exception {
    // No reserve: it would be copied a thousand times.
    disk.room(2 << 20);
    try (TestFolder folder = TestFolder.open(disk)) {
      for (int i = 0; i < RECORDS; i++) {
        long offset = folder.append(record(i, LENGTH), "a", "b");
        if (i == 4) {
          position = offset;
          folder.queue("b").commit(offset);
        }
      }
      for (int i = 0; i < LOGGED; i++) {
        get(folder.log().append(record(i, LENGTH).getBytes(UTF_8)));
      }
      for (int i = 0; i < 5; i++) {
        folder.put("k" + i, record(i, 300));
      }
    }
  }

  private FaultyDisk damaged(Path file, long at) {
    FaultyDisk copy = disk.copy();
    copy.room(2 << 20);
    copy.damage(file, at, 1);
    return copy;
  }

  /** What is missing from 0, 1, 2 ... up to the number. */
  private static List<Integer> missing(List<String> records, int from, int to, int length) {
    List<Integer> missing = new ArrayList<>();
    int next = 0;
    for (int i = from; i < to; i++) {
      if (next < records.size() && records.get(next).equals(record(i, length))) {
        next++;
      } else {
        missing.add(i);
      }
    }
    assertEquals(records.size(), next, "something was invented, or is out of order");
    return missing;
  }

  private List<Path> logFiles() throws IOException {
    return disk.list(TestFolder.QUEUES).stream()
        .filter(file -> file.toString().endsWith(".log"))
        .toList();
  }

  @Test
  void aFlippedBitInAFileOfRecordsCostsTheRecordItHits() throws Exception {
    List<Path> files = logFiles();
    assertTrue(files.size() >= 3);
    for (Path file : files) {
      boolean isLast = file.equals(files.get(files.size() - 1));
      for (long at = 0; at < disk.length(file); at += at < 400 ? 3 : 499) {
        look(damaged(file, at), file + " at " + at, isLast);
      }
    }
  }

  private void look(FaultyDisk aged, String where, boolean isLast) throws Exception {
    try (TestFolder folder = TestFolder.open(aged)) {
      List<Integer> a = missing(folder.waiting("a"), 0, RECORDS, LENGTH);
      assertTrue(a.size() <= 1, where + " lost " + a);
      assertEquals(RECORDS - a.size(), folder.queue("a").pending(), where);
      boolean newest = a.equals(List.of(RECORDS - 1));
      long counted = folder.status().damagedRecords();
      if (!a.isEmpty() && !(newest && isLast)) {
        assertEquals(1, counted, where + " lost " + a);
      }
      assertEquals(counted, folder.drops().counts().getOrDefault(DropReason.CORRUPT, 0L), where);
      long reader = folder.queue("b").committed();
      assertTrue(reader == position || reader == -1, where + " has position " + reader);
      if (reader == position) {
        assertEquals(a.stream().filter(i -> i > 4).toList(), missingOfB(folder));
      }
      folder.append("more", "a", "b");
      assertEquals(List.of("more"), last(folder.waiting("a")), where);
      assertEquals(List.of("more"), last(folder.waiting("b")), where);
      folder.drain("a");
      folder.drain("b");
      folder.settle();
      assertEquals(0, folder.queue("a").pending(), where);
      assertTrue(folder.status().segments() <= 2, where + ": damage holds no file for ever");
    }
    try (TestFolder again = TestFolder.open(aged)) {
      assertEquals(List.of(), again.waiting("a"), where);
      assertEquals(List.of(), again.waiting("b"), where);
    }
  }

  private static List<Integer> missingOfB(TestFolder folder) throws IOException {
    return missing(folder.waiting("b"), 5, RECORDS, LENGTH);
  }

  private static List<String> last(List<String> all) {
    return all.subList(all.size() - 1, all.size());
  }

  /** Nothing comes after it that would put the figure right. */
  @Test
  void theNewestRecordOfAQueueThatDecayedDoesNotWaitForEver() throws Exception {
    FaultyDisk other = new FaultyDisk();
    try (TestFolder folder = TestFolder.open(other)) {
      folder.append(record(0, 9_000), "idle");
      while (folder.status().segments() == 1) {
        folder.append(record(1, LENGTH), "busy");
      }
    }
    other.damage(other.list(TestFolder.QUEUES).get(1), 4_000, 1);
    try (TestFolder folder = TestFolder.open(other)) {
      assertEquals(List.of(), folder.waiting("idle"));
      assertEquals(0, folder.queue("idle").pending());
      assertEquals(1, folder.status().damagedRecords());
    }
  }

  /** It is only a shortcut. */
  @Test
  void aFlippedBitInAnIndexCostsNothing() throws Exception {
    for (Path file : disk.list(TestFolder.QUEUES)) {
      if (file.toString().endsWith(".idx")) {
        for (long at = 0; at < disk.length(file); at++) {
          try (TestFolder folder = TestFolder.open(damaged(file, at))) {
            assertEquals(RECORDS, folder.waiting("a").size());
            assertEquals(position, folder.queue("b").committed());
            assertEquals(0, folder.status().damagedRecords());
          }
        }
      }
    }
  }

  /** It says where the file ended when it was full, and would hide what is added. */
  @Test
  void theIndexOfAFileThatIsWrittenToAgainGoes() throws Exception {
    List<Path> files = logFiles();
    disk.delete(files.get(files.size() - 1));
    Path again = files.get(files.size() - 2);
    Path index = Path.of(again.toString().replace(".log", ".idx"));
    assertTrue(disk.list(TestFolder.QUEUES).contains(index));
    int before;
    try (TestFolder folder = TestFolder.open(disk)) {
      before = folder.waiting("a").size();
      folder.append("more", "a");
      assertFalse(disk.list(TestFolder.QUEUES).contains(index));
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      assertEquals(before + 1, folder.waiting("a").size());
    }
  }

  @Test
  void theIndexesMayBeMissing() throws Exception {
    for (Path file : disk.list(TestFolder.QUEUES)) {
      if (file.toString().endsWith(".idx")) {
        disk.delete(file);
      }
    }
    List<Path> files = logFiles();
    for (Path file : files) {
      boolean isLast = file.equals(files.get(files.size() - 1));
      for (long at = 0; at < disk.length(file); at += 997) {
        look(damaged(file, at), file + " without index at " + at, isLast);
      }
    }
  }

  @Test
  void aWholeFileThatIsUnreadableIsSetAsideAndCounted() throws Exception {
    for (Path file : logFiles()) {
      FaultyDisk aged = disk.copy();
      aged.delete(Path.of(file.toString().replace(".log", ".idx")));
      for (long at = 0; at < aged.length(file); at += 20) {
        aged.damage(file, at, 1);
      }
      try (TestFolder folder = TestFolder.open(aged)) {
        int waiting = folder.waiting("a").size();
        assertTrue(waiting > 0 && waiting < RECORDS);
        assertEquals(1, folder.status().damagedRecords());
        folder.append("more", "a");
        assertEquals(waiting + 1, folder.waiting("a").size());
      }
      assertTrue(
          aged.list(TestFolder.QUEUES).stream().anyMatch(f -> f.toString().endsWith(".damaged")));
    }
  }

  @Test
  void aFlippedBitInALogCostsTheRecordItHits() throws Exception {
    List<Path> files = disk.list(LOG);
    assertTrue(files.size() >= 2);
    for (Path file : files) {
      boolean isLast = file.equals(files.get(files.size() - 1));
      for (long at = 0; at < disk.length(file); at += at < 120 ? 3 : 997) {
        String where = file + " at " + at;
        try (TestFolder folder = TestFolder.open(damaged(file, at))) {
          RetainedLog log = folder.log();
          List<String> found =
              log.read(0, 1000).stream().map(e -> TestFolder.text(e.record())).toList();
          List<Integer> lost = missing(found, 0, LOGGED, LENGTH);
          assertTrue(lost.size() <= 1, where + " lost " + lost);
          boolean newest = isLast && lost.equals(List.of(LOGGED - 1));
          if (!lost.isEmpty() && !newest) {
            assertEquals(1, folder.drops().counts().get(DropReason.CORRUPT), where);
          }
          long next = get(log.append(new byte[1]));
          assertTrue(next == LOGGED || newest && next == LOGGED - 1, where + ": next is " + next);
        }
      }
    }
  }

  @Test
  void aFlippedBitInATableCostsTheValueItHits() throws Exception {
    for (long at = 0; at < disk.length(TABLE); at++) {
      FaultyDisk aged = damaged(TABLE, at);
      String where = "at " + at;
      int lost = 0;
      try (TestFolder folder = TestFolder.open(aged)) {
        for (int i = 0; i < 5; i++) {
          boolean there = folder.value("k" + i).equals(record(i, 300));
          assertTrue(there || folder.value("k" + i).equals("none"), where);
          lost += there ? 0 : 1;
          boolean counted = folder.drops().counts().containsKey(DropReason.CORRUPT);
          assertTrue(there || counted || i == 4, where + " lost " + i);
        }
        assertTrue(lost <= 1, where + " lost " + lost);
        folder.put("more", "v");
      }
      try (TestFolder folder = TestFolder.open(aged)) {
        assertEquals(6 - lost, folder.table().keys().size(), where);
        assertEquals("v", folder.value("more"));
      }
    }
  }

  /** The header of a table decays, and the power fails while it is put right. */
  @Test
  void aTableIsNeverLostWhileItIsWrittenAnew() throws Exception {
    for (int sync = 1; sync <= 3; sync++) {
      for (long seed = 0; seed < 20; seed++) {
        FaultyDisk aged = damaged(TABLE, 3);
        TestFolder folder = TestFolder.open(aged);
        aged.failFolderSync(1 + sync, 100);
        try {
          folder.table();
        } catch (UncheckedIOException refused) {
          assertTrue(refused.getMessage().contains("table"));
        }
        FaultyDisk found = aged.powerCut(seed);
        folder.close();
        try (TestFolder again = TestFolder.open(found)) {
          assertEquals(5, again.table().keys().size(), "sync " + sync + ", seed " + seed);
        }
      }
    }
  }

  @Test
  void aTornTailIsCutOff() throws Exception {
    Path last = logFiles().get(logFiles().size() - 1);
    for (Path file : List.of(last, disk.list(LOG).get(1), TABLE)) {
      for (int length : new int[] {1, 27, 28, 29, 500, 5_000}) {
        FaultyDisk torn = disk.copy();
        try (DiskFile opened = torn.open(file)) {
          ByteBuffer half = ByteBuffer.allocate(length);
          for (int i = 0; i < length; i++) {
            half.put((byte) (i * 31));
          }
          opened.write(opened.size(), half.flip());
        }
        try (TestFolder folder = TestFolder.open(torn)) {
          assertEquals(RECORDS, folder.waiting("a").size());
          assertEquals(LOGGED, folder.log().next());
          assertEquals(5, folder.table().keys().size());
          assertEquals(0, folder.status().damagedRecords());
          folder.append("more", "a");
          folder.put("more", "v");
          assertEquals(LOGGED, get(folder.log().append(new byte[1])));
        }
        try (TestFolder folder = TestFolder.open(torn)) {
          assertEquals(RECORDS + 1, folder.waiting("a").size());
          assertEquals(LOGGED + 1, folder.log().next());
          assertEquals(6, folder.table().keys().size());
        }
      }
    }
  }

  /** An older Gantry must not guess: what a newer one wrote stays as it is. */
  @Test
  void aFileOfANewerFormatIsRefusedByName() throws Exception {
    for (Path file : logFiles()) {
      FaultyDisk newer = newer(file);
      StoreException refused =
          assertThrows(StoreException.class, () -> TestFolder.open(newer).close());
      assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }
    try (TestFolder folder = TestFolder.open(newer(TABLE))) {
      Exception refused = assertThrows(UncheckedIOException.class, folder::table);
      assertTrue(refused.getCause().getMessage().contains(TABLE.toString()));
    }
    Path log = disk.list(LOG).get(0);
    try (TestFolder folder = TestFolder.open(newer(log))) {
      Exception refused = assertThrows(UncheckedIOException.class, folder::log);
      assertTrue(refused.getCause().getMessage().contains(log.toString()));
    }
  }

  private FaultyDisk newer(Path file) throws IOException {
    FaultyDisk copy = disk.copy();
    try (DiskFile opened = copy.open(file)) {
      ByteBuffer header = ByteBuffer.allocate(40);
      opened.read(0, header);
      header.putInt(8, 99);
      CRC32C crc = new CRC32C();
      crc.update(header.array(), 0, 32);
      header.putInt(32, (int) crc.getValue());
      opened.write(0, header.flip());
    }
    return copy;
  }
}
