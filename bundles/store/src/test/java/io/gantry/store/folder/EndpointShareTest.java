package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.testkit.disk.FaultyDisk;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one receiver may occupy, in all its queues together. */
class EndpointShareTest {

  private static final int FILES = 16;

  private final FaultyDisk disk = new FaultyDisk();
  private TestFolder folder;

  @BeforeEach
  void open() throws Exception {
    open(WhenFull.REFUSE);
  }

  private void open(WhenFull whenFull) throws Exception {
    StoreBounds bounds =
        new StoreBounds((long) FILES * TestFolder.SEGMENT, 25, 80, whenFull, Duration.ZERO);
    folder = TestFolder.open(disk, TestFolder.settings(bounds));
  }

  @AfterEach
  void close() throws Exception {
    folder.close();
  }

  @Test
  void aReceiverThatIsAwayLeavesRoomForTheOthers() throws Exception {
    int stored = folder.appendUntilRefused("away", 5_000);
    long share = (long) FILES * TestFolder.SEGMENT / 100 * 25;
    assertEquals(share / 5_000, stored);
    assertEquals(Kind.FULL, TestFolder.failure(folder.appending(record(0, 5_000), "away")));
    assertEquals(stored, folder.appendUntilRefused("other", 5_000));
    assertTrue(
        folder.status().warnings().stream()
            .anyMatch(text -> text.startsWith("away: its share of the store is full")),
        folder.status().toString());
  }

  /** Queues that differ behind the last # belong to one receiver. */
  @Test
  void allQueuesOfAReceiverShareItsRoom() throws Exception {
    int stored = folder.appendUntilRefused("away#0", 5_000);
    assertEquals(0, folder.appendUntilRefused("away", 5_000));
    assertEquals(0, folder.appendUntilRefused("away#9", 5_000));
    folder.drain("away#0");
    assertEquals(stored, folder.appendUntilRefused("away#9", 5_000));
  }

  @Test
  void thereIsRoomAgainWhenTheReceiverComesBack() throws Exception {
    int stored = folder.appendUntilRefused("away", 5_000);
    folder.drain("away");
    assertEquals(List.of(), folder.status().warnings());
    assertEquals(stored, folder.appendUntilRefused("away", 5_000));
    folder.queue("away").remove();
    assertEquals(stored, folder.appendUntilRefused("away", 5_000));
  }

  @Test
  void whatWaitsIsKnownAfterARestart() throws Exception {
    folder.appendUntilRefused("away", 5_000);
    long bytes = folder.queue("away").pendingBytes();
    folder.close();
    open();
    assertEquals(bytes, folder.queue("away").pendingBytes());
    assertEquals(0, folder.appendUntilRefused("away", 5_000));
  }

  @Test
  void aWarningComesBeforeTheRefusal() throws Exception {
    long share = (long) FILES * TestFolder.SEGMENT / 100 * 25;
    int stored = 0;
    while (folder.status().warnings().isEmpty()) {
      folder.append(record(stored++, 5_000), "away");
    }
    assertEquals(share / 100 * 80 / 5_000 + 1, stored);
    assertTrue(folder.status().warnings().get(0).startsWith("away: its share of the store fills"));
  }

  /** What others have in the same files stays. */
  @Test
  void theOldestOfTheReceiverGoIfThatIsWanted() throws Exception {
    folder.close();
    open(WhenFull.DROP_OLDEST);
    for (int i = 0; i < 100; i++) {
      folder.append(record(i, 5_000), "away");
      folder.append(record(i, 500), "other");
    }
    List<String> waiting = folder.waiting("away");
    assertEquals(record(99, 5_000), waiting.get(waiting.size() - 1));
    long dropped = 100 - waiting.size();
    assertTrue(dropped > 0);
    assertEquals(dropped, folder.drops().counts().get(DropReason.QUEUE_FULL));
    assertEquals(100, folder.waiting("other").size());
  }

  @Test
  void aRecordThatIsTooOldForTheStoreExpires() throws Exception {
    folder.close();
    StoreBounds bounds = new StoreBounds(1 << 20, 100, 80, WhenFull.REFUSE, Duration.ofHours(1));
    folder = TestFolder.open(disk, TestFolder.settings(bounds));
    folder.append("r", "away");
    assertEquals(
        TestFolder.START.toSeconds() + 3_600,
        folder.queue("away").read(-1, 1, 1).get(0).expiresAt());
  }
}
