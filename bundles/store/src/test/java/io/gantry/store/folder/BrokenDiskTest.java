package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.failure;
import static io.gantry.store.folder.TestFolder.get;
import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.StoreException.Kind;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that refuses: what was refused is not there, neither now nor later, and work goes on. */
class BrokenDiskTest {

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

  private void powerCut(long seed) throws Exception {
    disk = disk.powerCut(seed);
    folder.close();
    open();
  }

  @Test
  void aFailedWriteIsRefusedAndForgotten() throws Exception {
    folder.append("1", "a", "b");
    disk.shortWrites(true);
    disk.failWrite(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.appending(record(2, 5000), "a", "b")));
    folder.append("3", "a");
    assertEquals(List.of("1", "3"), folder.waiting("a"));
    assertEquals(List.of("1"), folder.waiting("b"));
    assertEquals(2, folder.queue("a").pending());
    for (long seed = 0; seed < 5; seed++) {
      powerCut(seed);
      assertEquals(List.of("1", "3"), folder.waiting("a"));
      assertEquals(List.of("1"), folder.waiting("b"));
      assertEquals(2, folder.queue("a").pending());
    }
  }

  /** Linux forgets what it could not write: a later sync that succeeds says nothing about it. */
  @Test
  void aFailedSyncIsNotHealedByTheNextOne() throws Exception {
    folder.append("1", "a");
    disk.failSync(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.appending("2", "a")));
    folder.append("3", "a");
    for (long seed = 0; seed < 5; seed++) {
      powerCut(seed);
      assertEquals(List.of("1", "3"), folder.waiting("a"));
      assertEquals(0, folder.status().damagedRecords());
    }
  }

  @Test
  void allOfAGroupFailTogetherAndAnswersKeepTheirOrder() throws Exception {
    List<String> answers = Collections.synchronizedList(new ArrayList<>());
    disk.holdSyncs();
    List<CompletionStage<Long>> stages = new ArrayList<>();
    stages.add(note("first", answers));
    disk.awaitHeldSync();
    for (int i = 0; i < 10; i++) {
      stages.add(note("r" + i, answers));
    }
    disk.failSync(2, 1);
    disk.releaseSyncs();
    List<String> expected = new ArrayList<>(List.of("first stored"));
    get(stages.get(0));
    for (int i = 0; i < 10; i++) {
      assertEquals(Kind.BROKEN, failure(stages.get(i + 1)));
      expected.add("r" + i + " refused");
    }
    assertEquals(expected, answers);
    assertEquals(List.of("first"), folder.waiting("a"));
  }

  private CompletionStage<Long> note(String record, List<String> answers) {
    return folder
        .appending(record, "a")
        .whenComplete(
            (offset, refused) -> answers.add(record + (refused == null ? " stored" : " refused")));
  }

  /** The file may have anything behind its end: only a new one can be trusted. */
  @Test
  void aFileThatCannotBeCutIsLeftAndANewOneBegun() throws Exception {
    folder.append("1", "a", "b");
    disk.failSync(1, 1);
    disk.failTruncate(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.appending("2", "a")));
    assertTrue(folder.status().problem().isPresent());
    long third = folder.append("3", "a");
    assertTrue(folder.status().problem().isEmpty());
    assertEquals(List.of("1", "3"), folder.waiting("a"));
    assertEquals(2, folder.status().segments());
    for (long seed = 0; seed < 5; seed++) {
      powerCut(seed);
      assertEquals(List.of("1", "3"), folder.waiting("a"));
      assertEquals(List.of("1"), folder.waiting("b"));
      assertEquals(0, folder.status().damagedRecords());
    }
    assertTrue(folder.append("4", "a") > third, "no offset is used twice");
    folder.queue("a").commit(third + 1);
    assertEquals(0, folder.queue("a").pending());
  }

  @Test
  void whileNoNewFileCanBeMadeEverythingIsRefused() throws Exception {
    folder.append("1", "a");
    disk.failSync(1, 3);
    disk.failTruncate(1, 2);
    assertEquals(Kind.BROKEN, failure(folder.appending("2", "a")));
    assertEquals(Kind.BROKEN, failure(folder.appending("3", "a")));
    assertTrue(folder.status().problem().isPresent());
    // The third sync that fails is that of the next try.
    assertEquals(Kind.BROKEN, failure(folder.appending("4", "a")));
    folder.append("5", "a");
    assertTrue(folder.status().problem().isEmpty());
    assertEquals(List.of("1", "5"), folder.waiting("a"));
    powerCut(3);
    assertEquals(List.of("1", "5"), folder.waiting("a"));
  }

  /** The definition of a queue is lost with the record that brought it. */
  @Test
  void aQueueWhoseFirstRecordIsRefusedCanBeUsed() throws Exception {
    disk.failWrite(1, 1);
    failure(folder.appending("1", "a"));
    assertFalse(folder.store().queues().queues().contains("a"));
    folder.append("2", "a", "b");
    powerCut(1);
    assertEquals(List.of("2"), folder.waiting("a"));
    assertEquals(List.of("2"), folder.waiting("b"));
  }

  /**
   * A file that could not be begun comes back after a power cut: its name is an offset, and the
   * file before it went on behind that offset.
   */
  @Test
  void aFileThatCouldNotBeBegunHidesNothing() throws Exception {
    for (int failing = 1; failing <= 3; failing++) {
      for (long seed = 0; seed < 20; seed++) {
        FaultyDisk mine = new FaultyDisk();
        List<String> expected = new ArrayList<>();
        try (TestFolder full = TestFolder.open(mine)) {
          full.append(record(0, 40_000), "a");
          expected.add("0");
          // Of the full file, of the header of the new one, of what is known of the queues.
          mine.failSync(failing, 1);
          failure(full.appending(record(1, 60_000), "a"));
          for (int i = 2; i < 6; i++) {
            full.append("" + i, "a");
            expected.add("" + i);
          }
          mine = mine.powerCut(seed);
        }
        try (TestFolder again = TestFolder.open(mine)) {
          assertEquals(expected, numbers(again), "sync " + failing + ", seed " + seed);
          again.append("more", "a");
          assertEquals(6, again.queue("a").pending());
        }
      }
    }
  }

  private static List<String> numbers(TestFolder folder) throws IOException {
    return folder.waiting("a").stream().map(record -> record.split(" ")[0]).toList();
  }

  @Test
  void aFileThatCouldNotBeBegunNorRemovedHidesNothing() throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      FaultyDisk mine = new FaultyDisk();
      try (TestFolder full = TestFolder.open(mine)) {
        full.append(record(0, 40_000), "a");
        mine.failFolderSync(1, 2);
        failure(full.appending(record(1, 60_000), "a"));
        full.append("2", "a");
        full.append("3", "a");
        mine = mine.powerCut(seed);
      }
      try (TestFolder again = TestFolder.open(mine)) {
        assertEquals(List.of("0", "2", "3"), numbers(again), "seed " + seed);
      }
    }
  }

  @Test
  void aLogFileThatCouldNotBeBegunHidesNothing() throws Exception {
    for (int failing = 1; failing <= 2; failing++) {
      for (long seed = 0; seed < 20; seed++) {
        FaultyDisk mine = new FaultyDisk();
        try (TestFolder full = TestFolder.open(mine)) {
          get(full.log().append(new byte[100_000]));
          mine.failSync(failing, 1);
          failure(full.log().append(new byte[90_000]));
          for (int i = 1; i < 6; i++) {
            assertEquals(i, get(full.log().append(new byte[i])));
          }
          mine = mine.powerCut(seed);
        }
        try (TestFolder again = TestFolder.open(mine)) {
          assertEquals(6, again.log().next(), "sync " + failing + ", seed " + seed);
          assertEquals(6, again.log().read(0, 10).size());
          assertEquals(5, again.log().read(5, 10).get(0).record().length);
        }
      }
    }
  }

  @Test
  void aLogFileThatCouldNotBeBegunNorRemovedHidesNothing() throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      FaultyDisk mine = new FaultyDisk();
      try (TestFolder full = TestFolder.open(mine)) {
        get(full.log().append(new byte[100_000]));
        mine.failFolderSync(1, 2);
        failure(full.log().append(new byte[90_000]));
        for (int i = 1; i < 6; i++) {
          assertEquals(i, get(full.log().append(new byte[i])));
        }
        mine = mine.powerCut(seed);
      }
      try (TestFolder again = TestFolder.open(mine)) {
        assertEquals(6, again.log().read(0, 10).size(), "seed " + seed);
      }
    }
  }

  @Test
  void theOldValueStandsWhenATableCannotBeWritten() throws Exception {
    folder.put("k", "old");
    disk.failSync(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.table().put("k", new byte[1])));
    assertEquals("old", folder.value("k"));
    disk.failSync(1, 1);
    disk.failTruncate(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.table().remove("k")));
    assertEquals("old", folder.value("k"));
    folder.put("other", "v");
    for (long seed = 0; seed < 5; seed++) {
      powerCut(seed);
      assertEquals("old", folder.value("k"));
      assertEquals("v", folder.value("other"));
    }
  }

  @Test
  void aTableThatCannotBeWrittenAnewKeepsItsValues() throws Exception {
    for (int failing = 1; failing <= 4; failing++) {
      folder.put("stays", "v");
      disk.failFolderSync(failing, 1);
      for (int i = 0; i < 40; i++) {
        try {
          folder.put("k", record(i, 10_000));
        } catch (ExecutionException refused) {
          continue;
        }
        assertEquals(record(i, 10_000), folder.value("k"));
      }
      powerCut(failing);
      assertEquals("v", folder.value("stays"));
      assertEquals(record(39, 10_000), folder.value("k"));
    }
    assertEquals(Map.of(), folder.drops().counts());
  }

  @Test
  void aLogGoesOnBehindWhatItRefused() throws Exception {
    get(folder.log().append(new byte[1]));
    disk.failSync(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.log().append(new byte[2])));
    assertEquals(1, get(folder.log().append(new byte[3])));
    disk.failSync(1, 1);
    disk.failTruncate(1, 1);
    assertEquals(Kind.BROKEN, failure(folder.log().append(new byte[4])));
    assertEquals(2, get(folder.log().append(new byte[5])));
    for (long seed = 0; seed < 5; seed++) {
      powerCut(seed);
      assertEquals(
          List.of(1, 3, 5), folder.log().read(0, 9).stream().map(e -> e.record().length).toList());
      assertEquals(Map.of(), folder.drops().counts());
    }
  }

  /** A position that could not be saved is tried again. */
  @Test
  void aPositionIsSavedByTheNextWriteThatSucceeds() throws Exception {
    long offset = folder.append("1", "a");
    disk.failSync(1, 1);
    folder.queue("a").commit(offset);
    folder.close();
    open();
    assertEquals(offset, folder.queue("a").committed());
  }

  @Test
  void aReadThatFailsLosesNothing() throws Exception {
    folder.append("1", "a");
    folder.append("2", "a");
    folder.close();
    open();
    disk.failRead(1, 1);
    assertThrows(IOException.class, () -> folder.waiting("a"));
    assertEquals(List.of("1", "2"), folder.waiting("a"));
  }
}
