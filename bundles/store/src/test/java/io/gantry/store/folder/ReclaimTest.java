package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.testkit.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files go as soon as nobody needs what is in them, and not earlier. */
class ReclaimTest {

  private FaultyDisk disk = new FaultyDisk();
  private TestFolder folder;

  @BeforeEach
  void open() throws Exception {
    folder = TestFolder.open(disk);
  }

  @AfterEach
  void close() throws Exception {
    folder.close();
  }

  private void reopen() throws Exception {
    folder.close();
    open();
  }

  /** Records that fill about three files. */
  private void fill(String... queues) throws Exception {
    for (int i = 0; i < 20; i++) {
      folder.append(record(i, 10_000), queues);
    }
  }

  private int segments() throws Exception {
    folder.settle();
    return folder.status().segments();
  }

  @Test
  void aFileGoesOnceEveryReaderHasPassed() throws Exception {
    fill("a", "b");
    int before = segments();
    assertTrue(before >= 3);
    assertEquals(20, folder.drain("a"));
    assertEquals(before, segments(), "b still needs them");
    assertEquals(20, folder.drain("b"));
    assertEquals(1, segments());
    assertEquals(1, disk.list(TestFolder.QUEUES).size(), "the index of a file goes with it");
  }

  @Test
  void theFilesThatAReaderHasPassedGoOneByOne() throws Exception {
    fill("a");
    int before = segments();
    List<Entry> entries = TestFolder.waiting(folder.queue("a"));
    folder.queue("a").commit(entries.get(9).offset());
    int half = segments();
    assertTrue(half < before && half > 1, before + " became " + half);
    assertEquals(10, folder.waiting("a").size());
  }

  /** The one that is stuck holds the files it needs, and no others. */
  @Test
  void aQueueThatIsStuckHoldsOnlyTheFilesItIsIn() throws Exception {
    folder.append("stuck", "b");
    for (int round = 0; round < 5; round++) {
      fill("a");
      folder.drain("a");
    }
    assertEquals(2, segments());
    assertEquals(List.of("stuck"), folder.waiting("b"));
    reopen();
    assertEquals(2, segments());
    assertEquals(List.of("stuck"), folder.waiting("b"));
    folder.drain("b");
    assertEquals(1, segments());
  }

  @Test
  void positionsAloneFillNoDisk() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      folder.queue("a").commit(folder.append("r", "a"));
    }
    assertTrue(segments() <= 2, "found " + segments());
    assertTrue(folder.status().bytes() < 3 * TestFolder.SEGMENT);
    long committed = folder.queue("a").committed();
    reopen();
    assertEquals(committed, folder.queue("a").committed());
    assertEquals(0, folder.queue("a").pending());
  }

  @Test
  void aRemovedQueueFreesItsSpace() throws Exception {
    fill("a", "b");
    folder.drain("b");
    folder.queue("a").remove();
    assertEquals(1, segments());
    reopen();
    assertEquals(Set.of("b"), folder.store().queues().queues());
    assertEquals(1, segments());
  }

  @Test
  void aQueueThatIsMadeAgainDoesNotNeedTheOldFiles() throws Exception {
    fill("a");
    folder.queue("a").remove();
    folder.append("new", "a");
    assertEquals(1, segments());
    for (long seed = 0; seed < 3; seed++) {
      disk = disk.powerCut(seed);
      reopen();
      assertEquals(List.of("new"), folder.waiting("a"));
      assertEquals(1, folder.queue("a").pending());
      assertEquals(1, segments());
    }
  }

  /** A position counts once it is safe: before, a crash would ask for the file again. */
  @Test
  void aFileStaysUntilThePositionIsSafe() throws Exception {
    fill("a");
    int before = segments();
    disk.holdSyncs();
    folder.drain("a");
    disk.awaitHeldSync();
    assertEquals(before, folder.status().segments());
    disk = disk.powerCut(4);
    reopen();
    assertEquals(before, folder.status().segments());
    assertEquals(20, folder.waiting("a").size());
  }

  @Test
  void queuesAndPositionsOutliveTheFilesTheyWereMadeIn() throws Exception {
    folder.queue("early").commit(folder.append("r", "early", "stays"));
    long position = folder.queue("early").committed();
    folder.drain("stays");
    for (int round = 0; round < 3; round++) {
      fill("a");
      folder.drain("a");
    }
    assertEquals(1, segments());
    for (long seed = 0; seed < 3; seed++) {
      disk = disk.powerCut(seed);
      reopen();
      assertEquals(position, folder.queue("early").committed());
      assertEquals(Set.of("a", "early", "stays"), folder.store().queues().queues());
      assertEquals(0, folder.queue("early").pending());
    }
  }

  /** The record that says that it was removed has gone with its file. */
  @Test
  void aRemovedQueueStaysRemovedWithoutIndexes() throws Exception {
    folder.append("stuck", "b", "removed");
    fill("a");
    folder.queue("removed").remove();
    folder.append("r", "a");
    for (int round = 0; round < 3; round++) {
      fill("a");
      folder.drain("a");
    }
    assertEquals(2, segments());
    folder.close();
    for (Path path : disk.list(TestFolder.QUEUES)) {
      if (path.toString().endsWith(".idx")) {
        disk.delete(path);
      }
    }
    open();
    assertEquals(Set.of("a", "b"), folder.store().queues().queues());
    assertEquals(List.of("stuck"), folder.waiting("b"));
  }

  /** An index without its file, as a power cut between two deletions leaves it. */
  @Test
  void whatAReclaimLeavesBehindIsClearedAway() throws Exception {
    fill("a");
    folder.close();
    for (Path path : disk.list(TestFolder.QUEUES)) {
      if (path.toString().endsWith("0000.log")) {
        disk.delete(path);
      }
    }
    open();
    folder.drain("a");
    assertEquals(1, segments());
    assertEquals(1, disk.list(TestFolder.QUEUES).size());
  }
}
