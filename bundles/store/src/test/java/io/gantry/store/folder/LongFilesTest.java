package io.gantry.store.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Files that are too long to be deleted at once are removed piece by piece. */
class LongFilesTest {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  private FaultyDisk disk = new FaultyDisk();

  private TestFolder open() throws IOException {
    return TestFolder.open(
        disk,
        new StoreSettings(
            TestFolder.DIRECTORY,
            SyncPolicy.GROUP,
            Duration.ofMillis(1),
            1 << 20,
            9 << 20,
            StoreBounds.of(1L << 30)));
  }

  private void fill(TestFolder folder) throws Exception {
    for (int i = 0; i < 40; i++) {
      folder.append(TestFolder.record(i, 1 << 20), "a");
    }
    folder.append("stays", "b");
    assertTrue(folder.status().segments() > 4);
    assertEquals(40, folder.drain("a"));
    folder.settle();
  }

  private List<Path> files() throws IOException {
    return disk.list(TestFolder.QUEUES);
  }

  @Test
  void theyGoSoon() throws Exception {
    try (TestFolder folder = open()) {
      fill(folder);
      assertEquals(1, folder.status().segments());
      assertTrue(folder.status().bytes() < 12 << 20, "what is being removed is counted no more");
      long end = System.nanoTime() + PATIENCE;
      while (files().size() > 1 && System.nanoTime() < end) {
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(1, files().size(), files().toString());
    }
  }

  @Test
  void aStartRemovesWhatWasBeingRemoved() throws Exception {
    for (int seed = 0; seed < 4; seed++) {
      TestFolder folder = open();
      fill(folder);
      FaultyDisk found = seed % 2 == 0 ? disk.kill() : disk.powerCut(seed);
      folder.close();
      disk = found;
      try (TestFolder again = open()) {
        assertEquals(seed + 1, again.waiting("b").size());
        assertEquals(0, again.queue("a").pending());
        assertTrue(files().stream().noneMatch(path -> path.toString().endsWith(".gone")));
        assertEquals(0, again.status().damagedRecords());
      }
    }
  }
}
