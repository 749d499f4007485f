package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.failure;
import static io.gantry.store.folder.TestFolder.get;
import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.StoreException.Kind;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.testkit.disk.FaultyDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** After whatever has happened, the store takes records as soon as it can, and says so. */
class StandstillTest {

  private static final int LENGTH = 6_000;

  private final FaultyDisk disk = new FaultyDisk();

  /** Fills the store with records for some queues, each followed by one for the one that moves. */
  private static List<String> fill(TestFolder folder, String... away) throws Exception {
    List<String> waiting = new ArrayList<>();
    while (folder.status().problem().isEmpty()) {
      String text = record(waiting.size(), LENGTH);
      if (folder.takes(text, away)) {
        waiting.add(text);
      }
      folder.takes(record(0, LENGTH), "moves");
    }
    return waiting;
  }

  /** What two wait for is there once. */
  @Test
  void aStoreThatTwoReceiversHaveFilledTogetherHasRoomForAThird() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(16))) {
      List<String> waiting = fill(folder, "one", "two", "three");
      folder.drain("moves");
      folder.settle();
      for (int i = 0; i < 200; i++) {
        folder.appendPatiently(record(i, LENGTH), "moves");
        folder.drain("moves");
      }
      assertEquals(waiting, folder.waiting("one"));
      assertEquals(waiting, folder.waiting("three"));
    }
  }

  /** The file that is being written counts as well, and gets full no more. */
  @Test
  void aReceiverThatIsAwayStopsNobodyInASmallStoreEither() throws Exception {
    for (int segments = 4; segments <= 8; segments++) {
      FaultyDisk small = new FaultyDisk();
      StoreBounds bounds =
          new StoreBounds(
              (long) segments * TestFolder.SEGMENT, 75, 80, WhenFull.REFUSE, Duration.ZERO);
      try (TestFolder folder = TestFolder.open(small, TestFolder.settings(bounds))) {
        folder.appendUntilRefused("away", LENGTH);
        List<String> waiting = folder.waiting("away");
        for (int i = 0; i < 200; i++) {
          folder.appendPatiently(record(i, LENGTH), "moves");
          folder.drain("moves");
        }
        assertEquals(waiting, folder.waiting("away"));
      }
    }
  }

  @Test
  void filesThatCouldNotBeDeletedAreDeletedOnceTheyCan() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(16))) {
      folder.appendUntilRefused("a", LENGTH);
      int files = disk.list(TestFolder.QUEUES).size();
      disk.failDelete(1, Integer.MAX_VALUE);
      folder.drain("a");
      folder.settle();
      assertTrue(disk.list(TestFolder.QUEUES).size() >= files);
      disk.failDelete(1, 0);
      folder.appendPatiently(record(1, LENGTH), "a");
      folder.drain("a");
      assertTrue(folder.becomesOneSegment(), folder.status().toString());
      assertEquals(Optional.empty(), folder.status().problem());
    }
  }

  @Test
  void aStoreThatRefusesOneLargeRecordAndTakesTheNextHasNoProblem() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(4))) {
      assertEquals(Kind.FULL, failure(folder.appending(record(0, 300_000), "a")));
      assertTrue(folder.status().problem().isPresent());
      folder.append("small", "a");
      assertEquals(Optional.empty(), folder.status().problem());
    }
  }

  @Test
  void aReceiverForWhomOneLargeRecordWasTooMuchAndTheNextNotHasRoom() throws Exception {
    StoreBounds bounds =
        new StoreBounds(8L * TestFolder.SEGMENT, 30, 80, WhenFull.REFUSE, Duration.ZERO);
    try (TestFolder folder = TestFolder.open(disk, TestFolder.settings(bounds))) {
      assertEquals(Kind.FULL, failure(folder.appending(record(0, 200_000), "a")));
      assertEquals(1, folder.status().warnings().size());
      folder.append("small", "a");
      assertEquals(List.of(), folder.status().warnings());
    }
  }

  /** A file that holds little but the names of the queues cannot be made smaller. */
  @Test
  void aFileThatIsAsSmallAsItGetsKeepsNoneFromBeingMerged() throws Exception {
    try (TestFolder folder = TestFolder.open(disk, TestFolder.bounded(16))) {
      for (int i = 0; i < 20; i++) {
        folder.queue("others" + i).commit(folder.append("r", "others" + i));
      }
      folder.append("stuck", "stuck");
      for (int i = 0; i < 11; i++) {
        folder.append(record(i, LENGTH), "moves");
      }
      List<String> waiting = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        boolean waits = i < 30 || i < 200 && i % 2 == 0;
        String text = record(i, LENGTH);
        folder.appendPatiently(text, waits ? "away" : "moves");
        if (waits) {
          waiting.add(text);
        }
        folder.drain("moves");
      }
      assertEquals(List.of("stuck"), folder.waiting("stuck"));
      assertEquals(waiting, folder.waiting("away"));
    }
  }

  /** Sends one record after another, each from the answer to the one before. */
  private static void stream(TestFolder folder, int left, CompletableFuture<Void> end) {
    folder
        .appending("r", "busy")
        .whenComplete(
            (offset, refused) -> {
              if (left == 0) {
                end.complete(null);
              } else {
                stream(folder, left - 1, end);
              }
            });
  }

  /** The writer is never idle then, and must find a moment for what has failed all the same. */
  @Test
  void aPositionThatCouldNotBeSavedIsSavedAmidTraffic() throws Exception {
    try (TestFolder folder = TestFolder.open(disk)) {
      for (int i = 0; i < 30; i++) {
        folder.append(record(i, LENGTH), "a");
      }
      int before = folder.status().segments();
      disk.holdSyncs();
      CompletableFuture<Void> end = new CompletableFuture<>();
      stream(folder, 500, end);
      disk.awaitHeldSync();
      folder.drain("a");
      disk.failSync(2, 1);
      disk.releaseSyncs();
      get(end);
      assertTrue(folder.status().segments() < before, folder.status().toString());
    }
  }
}
