package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.failure;
import static io.gantry.store.folder.TestFolder.get;
import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.StoreException.Kind;
import io.gantry.testkit.disk.FaultyDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** No space: new records are refused, and what is needed to get space again still works. */
class FullDiskTest {

  private static final int ROOM = 4 << 20;

  private FaultyDisk disk = new FaultyDisk();

  @Test
  void recordsAreRefusedAndAllThatWasStoredIsThere() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      disk.room(500_000);
      int stored = folder.appendUntilRefused("a", 9_000);
      assertTrue(stored > 40, "found " + stored);
      assertEquals(Kind.FULL, failure(folder.appending("small", "a")));
      assertTrue(folder.status().problem().orElseThrow().contains("full"));
      assertEquals(stored, folder.waiting("a").size());
      disk = disk.powerCut(7);
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      List<String> waiting = folder.waiting("a");
      for (int i = 0; i < waiting.size(); i++) {
        assertEquals(record(i, 9_000), waiting.get(i));
      }
      assertTrue(waiting.size() > 40);
    }
  }

  /** The reserve is for these. */
  @Test
  void tablesAndPositionsAreStillWritten() throws Exception {
    long offset;
    try (TestFolder folder = TestFolder.open(disk)) {
      folder.put("k", "old");
      offset = folder.append("1", "a");
      disk.room(100_000);
      folder.appendUntilRefused("a", 5_000);
      for (int i = 0; i < 50; i++) {
        folder.put("k", record(i, 5_000));
      }
      folder.queue("a").commit(offset);
      folder.settle();
      assertEquals(Kind.FULL, failure(folder.appending("r", "a")));
      assertEquals(Kind.FULL, failure(folder.log().append(new byte[1])));
      disk = disk.powerCut(1);
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      assertEquals(record(49, 5_000), folder.value("k"));
      assertEquals(offset, folder.queue("a").committed());
    }
  }

  @Test
  void aTableWriteThatFindsTheDiskFullIsDoneWithTheReserve() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      folder.put("k", "old");
      disk.room(0);
      folder.put("k", "new");
      assertEquals("new", folder.value("k"));
      disk = disk.powerCut(1);
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      assertEquals("new", folder.value("k"));
    }
  }

  @Test
  void recordsAreTakenAgainWhenSpaceReturns() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      disk.room(200_000);
      int stored = folder.appendUntilRefused("a", 9_000);
      disk.room(ROOM);
      assertEquals(Kind.FULL, failure(folder.appending("too early to ask", "a")));
      folder.advance(Duration.ofSeconds(1));
      folder.append("more", "a");
      assertTrue(folder.status().problem().isEmpty());
      assertEquals(stored + 1, folder.waiting("a").size());
      assertTrue(disk.length(TestFolder.DIRECTORY.resolve("reserve")) > 0);
    }
  }

  /** What frees the disk is the receivers' work: nobody else need come. */
  @Test
  void readersThatCatchUpMakeRoomThemselves() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      disk.room(ROOM);
      int stored = folder.appendUntilRefused("a", 9_000);
      assertEquals(stored, folder.drain("a"));
      folder.settle();
      folder.advance(Duration.ofSeconds(1));
      folder.append("more", "a");
      assertEquals(List.of("more"), folder.waiting("a"));
    }
  }

  @Test
  void aStoreOpensOnAFullDisk() throws Exception {
    int stored;
    try (TestFolder folder = TestFolder.open(disk)) {
      disk.room(300_000);
      stored = folder.appendUntilRefused("a", 9_000);
      disk.room(0);
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      assertEquals(stored, folder.waiting("a").size());
      assertEquals(Kind.FULL, failure(folder.appending("r", "a")));
      disk.room(ROOM);
      folder.advance(Duration.ofSeconds(1));
      folder.append("more", "a");
    }
  }

  // ---- the bound of the operator

  @Test
  void theStoresOwnBoundHolds() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(4))) {
      List<CompletionStage<Long>> stages = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        stages.add(folder.appending(record(i, 3_000), "a"));
      }
      int refused = 0;
      for (CompletionStage<Long> stage : stages) {
        if (stage.handle((offset, failure) -> failure != null).toCompletableFuture().get()) {
          assertEquals(Kind.FULL, failure(stage));
          refused++;
        }
      }
      assertTrue(refused > 0);
      assertTrue(
          folder.status().bytes() <= folder.status().maxBytes(),
          folder.status().bytes() + " of " + folder.status().maxBytes());
      assertTrue(folder.status().problem().isPresent());
      assertEquals(200 - refused, folder.waiting("a").size());
    }
  }

  @Test
  void itTakesRecordsAgainWhenTheReaderCatchesUp() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(4))) {
      for (int round = 0; round < 5; round++) {
        int stored = folder.appendUntilRefused("a", 5_000);
        assertTrue(stored >= 30, "round " + round + " stored " + stored);
        assertEquals(Kind.FULL, failure(folder.appending(record(0, 5_000), "a")));
        assertEquals(stored, folder.drain("a"));
        // The merger may have copied what was not safely taken yet.
        assertTrue(folder.becomesOneSegment(), folder.status().toString());
        assertTrue(folder.status().problem().isEmpty());
      }
    }
  }

  /** Or a full store could not be emptied: the log of events is written on the way. */
  @Test
  void logsAndTablesAreNotBoundByIt() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(4))) {
      folder.appendUntilRefused("a", 5_000);
      get(folder.log().append(new byte[5_000]));
      folder.put("k", record(1, 5_000));
    }
  }

  /** What is counted after a restart is what was counted before, and what is there. */
  @Test
  void whatIsCountedIsWhatIsOnTheDisk() throws Exception {
    long before;
    try (TestFolder folder = TestFolder.open(disk)) {
      for (int i = 0; i < 100; i++) {
        folder.append(record(i, 4_000), "a", "q" + i);
      }
      before = folder.status().bytes();
      assertEquals(onDisk(), before);
    }
    try (TestFolder folder = TestFolder.open(disk)) {
      assertEquals(before, folder.status().bytes());
      folder.drain("a");
      for (int i = 0; i < 100; i++) {
        folder.drain("q" + i);
      }
      folder.settle();
      assertEquals(1, folder.status().segments());
      assertEquals(onDisk(), folder.status().bytes());
    }
  }

  private long onDisk() throws Exception {
    return disk.list(TestFolder.QUEUES).stream().mapToLong(disk::length).sum();
  }

  @Test
  void whatIsCountedIsWhatIsOnTheDiskWhenFilesCouldNotBeBegun() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      for (int i = 0; i < 60; i++) {
        disk.failSync(1 + i % 3, 1);
        folder
            .appending(record(i, 20_000), "a")
            .handle((offset, refused) -> 0)
            .toCompletableFuture()
            .get();
      }
      folder.settle();
      folder.settle();
      assertEquals(onDisk(), folder.status().bytes());
    }
  }
}
