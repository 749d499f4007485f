package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueTarget;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.testkit.disk.FaultyDisk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver that is away holds the space of what waits for it, and not that of all others. */
class CompactionTest {

  /** The bound of the store, in files. */
  private static final int BOUND = 16;

  private FaultyDisk disk = new FaultyDisk();
  private TestFolder folder;

  @BeforeEach
  void open() throws Exception {
    folder = TestFolder.open(disk, TestFolder.bounded(BOUND));
  }

  @AfterEach
  void close() throws Exception {
    folder.close();
  }

  private void reopen() throws Exception {
    folder.close();
    open();
  }

  /** Moves so many records through one queue while a few wait in another for ever. */
  private List<String> move(int records) throws Exception {
    List<String> waiting = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      String text = record(i, 6_000);
      if (i % 100 == 0) {
        folder.appendPatiently(text, "away", "moves");
        waiting.add(text);
      } else {
        folder.appendPatiently(text, "moves");
      }
      if (i % 10 == 9) {
        folder.drain("moves");
        folder.settle();
      }
    }
    return waiting;
  }

  @Test
  void manyTimesTheBoundPassesWhileOneReceiverIsAway() throws Exception {
    List<String> waiting = move(2_000);
    assertTrue(folder.status().segments() < BOUND, folder.status().toString());
    assertEquals(waiting, folder.waiting("away"));
    assertEquals(waiting.size(), folder.queue("away").pending());
    assertEquals(waiting.size() * 6_000L, folder.queue("away").pendingBytes());
    reopen();
    assertTrue(folder.hasMergedFiles());
    assertEquals(waiting, folder.waiting("away"));
    assertEquals(waiting.size() * 6_000L, folder.queue("away").pendingBytes());
    assertEquals(0, folder.queue("moves").pending());
    folder.drain("away");
    assertTrue(folder.becomesOneSegment(), folder.status().toString());
    assertEquals(0, folder.status().damagedRecords());
  }

  /** Fills the store with records of which the half is for a receiver that stays away. */
  private List<String> fill() throws Exception {
    List<String> waiting = new ArrayList<>();
    while (folder.status().problem().isEmpty()) {
      String text = record(waiting.size(), 6_000);
      if (folder.takes(text, QueueTarget.of("away"), QueueTarget.of("moves"))) {
        waiting.add(text);
      }
      folder.takes(record(0, 6_000), QueueTarget.of("moves"));
    }
    return waiting;
  }

  private void assertRoom(List<String> waiting) throws Exception {
    String again = record(1, 6_000);
    folder.appendPatiently(again, "moves");
    assertEquals(List.of(again), folder.waiting("moves"));
    assertEquals(waiting, folder.waiting("away"));
  }

  /** No file gets full any more: what a receiver has taken must be reason enough to look. */
  @Test
  void aFullStoreHasRoomAgainOnceOneOfTwoReceiversHasTakenItsOwn() throws Exception {
    List<String> waiting = fill();
    folder.drain("moves");
    folder.settle();
    assertRoom(waiting);
  }

  /** A start does not know yet that the store refuses: the next record that it refuses tells it. */
  @Test
  void aStoreThatWasFullWhenItWasOpenedHasRoomAgain() throws Exception {
    List<String> waiting = fill();
    reopen();
    folder.drain("moves");
    folder.settle();
    assertRoom(waiting);
  }

  @Test
  void whatWasMergedSurvivesPowerCuts() throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      List<String> before = folder.waiting("away");
      List<String> waiting = move(300);
      FaultyDisk found = seed % 2 == 0 ? disk.powerCut(seed) : disk.kill();
      folder.close();
      disk = found;
      open();
      List<String> after = folder.waiting("away");
      assertEquals(before, after.subList(0, before.size()));
      assertEquals(waiting, after.subList(before.size(), after.size()));
      if (after.size() > 20) {
        folder.drain("away");
      }
    }
  }

  /** A reader in the midst of a file that is merged goes on in the merged one. */
  @Test
  void aReaderGoesOnInTheMergedFile() throws Exception {
    List<String> waiting = move(500);
    List<String> read = new ArrayList<>();
    long after = -1;
    for (int i = 0; i < 3; i++) {
      for (Entry entry : folder.queue("away").read(after, 1, 1)) {
        read.add(TestFolder.text(entry.record()));
        after = entry.offset();
      }
    }
    waiting.addAll(move(1_000));
    List<Entry> entries = folder.queue("away").read(after, 100, 1 << 20);
    while (!entries.isEmpty()) {
      for (Entry entry : entries) {
        read.add(TestFolder.text(entry.record()));
        after = entry.offset();
      }
      entries = folder.queue("away").read(after, 100, 1 << 20);
    }
    assertEquals(waiting, read);
  }

  @Test
  void expiryAndPositionSurviveAMerger() throws Exception {
    List<Long> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      folder.appendPatiently(record(i, 500), new QueueTarget("away", 1_000 + i));
      expected.add(1_000L + i);
      move(50);
    }
    folder.queue("away").commit(folder.queue("away").read(-1, 1, 1).get(0).offset());
    reopen();
    assertTrue(folder.hasMergedFiles());
    List<Long> found = new ArrayList<>();
    for (Entry entry : TestFolder.waiting(folder.queue("away"))) {
      if (entry.record().length == 500) {
        found.add(entry.expiresAt());
      }
    }
    assertEquals(expected.subList(1, 20), found);
  }

  /** Or the last of the disk would go to what is only tidying up. */
  @Test
  void nothingIsMergedWhenTheDiskIsNearlyFull() throws Exception {
    disk.room(1_200_000);
    for (int i = 0; i < 80; i++) {
      folder.append(record(i, 6_000), i % 20 == 0 ? "away" : "moves");
      folder.drain("moves");
      folder.settle();
    }
    assertTrue(!folder.hasMergedFiles());
    assertEquals(4, folder.waiting("away").size());
    disk.room(4_000_000);
    move(200);
    assertTrue(folder.getsMergedFiles());
  }

  @Test
  void theOldestGoIfThatIsWantedAndAreCounted() throws Exception {
    folder.close();
    folder =
        TestFolder.open(disk, TestFolder.settings(TestFolder.bounds(BOUND, WhenFull.DROP_OLDEST)));
    int records = 1_000;
    for (int i = 0; i < records; i++) {
      folder.append(record(i, 6_000), "away", "beside");
    }
    List<String> waiting = folder.waiting("away");
    long dropped = records - waiting.size();
    assertTrue(dropped > 0 && waiting.size() > 50, "dropped " + dropped);
    assertEquals(record(records - 1, 6_000), waiting.get(waiting.size() - 1));
    assertEquals(
        record((int) dropped, 6_000), waiting.get(0), "the oldest went, and no gap is left");
    assertEquals(waiting.size(), folder.queue("away").pending());
    assertEquals(2 * dropped, folder.drops().counts().get(DropReason.QUEUE_FULL));
    assertTrue(folder.status().bytes() <= folder.status().maxBytes());
    reopen();
    assertEquals(waiting.size(), folder.queue("away").pending());
    assertEquals(waiting, folder.waiting("away"));
  }
}
