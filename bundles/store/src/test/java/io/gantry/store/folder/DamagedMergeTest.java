package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files that were merged from others decay like any other. */
class DamagedMergeTest {

  private static final int WAITING = 60;
  private static final int LENGTH = 700;

  private final FaultyDisk disk = new FaultyDisk();

  /** A few records wait for one receiver; all else was taken, and the files merged. */
  @BeforeEach
  void merge() throws Exception {
    // For the store's bound and what the merger leaves to others; a reserve, which would be copied
    // a thousand times, is not laid.
    disk.room((3 << 20) - 1);
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(16))) {
      for (int i = 0; i < WAITING; i++) {
        folder.appendPatiently(record(i, LENGTH), "away");
        for (int j = 0; j < 10; j++) {
          folder.appendPatiently(record(j, 5_000), "moves");
        }
        folder.drain("moves");
        folder.settle();
      }
      assertTrue(folder.hasMergedFiles());
    }
  }

  private List<Path> merged(String end) throws Exception {
    return disk.list(TestFolder.QUEUES).stream()
        .filter(path -> path.toString().matches(".*-\\d+\\." + end))
        .toList();
  }

  private int missing(Path file, long at) throws Exception {
    FaultyDisk aged = disk.copy();
    aged.room(2 << 20);
    aged.damage(file, at, 1);
    try (TestFolder folder = TestFolder.open(aged, TestFolder.bounded(16))) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < WAITING; i++) {
        expected.add(record(i, LENGTH));
      }
      List<String> found = folder.waiting("away");
      int missing = expected.size() - found.size();
      expected.retainAll(found);
      assertEquals(expected, found, "something was invented, or is out of order");
      // What is damaged may also be the definition of a queue, which others know, too.
      long counted = folder.status().damagedRecords();
      assertTrue(counted >= missing && counted <= 1, file + " at " + at + " counted " + counted);
      assertEquals(0, folder.queue("moves").pending());
      return missing;
    }
  }

  @Test
  void aFlippedBitInAMergedFileCostsTheRecordItHits() throws Exception {
    List<Path> files = merged("log");
    int lost = 0;
    for (Path file : files) {
      for (long at = 0; at < disk.length(file); at += at < 400 ? 7 : 333) {
        int missing = missing(file, at);
        assertTrue(missing <= 1, file + " at " + at + " lost " + missing);
        lost += missing;
      }
    }
    assertTrue(lost > 10, "lost " + lost);
  }

  @Test
  void aFlippedBitInTheIndexOfAMergedFileCostsNothing() throws Exception {
    for (Path file : merged("idx")) {
      for (long at = 0; at < disk.length(file); at += 3) {
        assertEquals(0, missing(file, at), file + " at " + at);
      }
    }
  }
}
