package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.RetainedLog.Entry;
import io.gantry.testkit.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A log within its bound, whatever is written and whoever reads. */
class BoundedLogTest {

  private static final long BOUND = 1 << 20;
  private static final Path FILES = TestFolder.DIRECTORY.resolve("logs").resolve("log");

  private final FaultyDisk disk = new FaultyDisk();
  private TestFolder folder;

  @BeforeEach
  void open() throws Exception {
    folder = TestFolder.open(disk);
  }

  @AfterEach
  void close() throws Exception {
    folder.close();
  }

  private long onDisk() throws Exception {
    return disk.list(FILES).stream().mapToLong(disk::length).sum();
  }

  @Test
  void theBoundIsKeptWhateverTheLengthOfTheRecords() throws Exception {
    Random random = new Random(5);
    int longest = (1 << 19) - 68;
    for (int i = 0; i < 300; i++) {
      int length = random.nextInt(10) == 0 ? random.nextInt(longest + 1) : random.nextInt(9_000);
      assertEquals(i, get(folder.log().append(new byte[i % 50 == 0 ? longest : length])));
      assertTrue(onDisk() <= BOUND, i + ": " + onDisk());
    }
    assertTrue(folder.log().first() > 0);
  }

  @Test
  void theOldestGoAndTheRestIsWithoutGap() throws Exception {
    RetainedLog log = folder.log();
    CompletionStage<Long> last = log.append(new byte[10_000]);
    for (int i = 1; i < 500; i++) {
      last = log.append(new byte[10_000]);
    }
    assertEquals(499, get(last));
    long first = log.first();
    List<Entry> all = log.read(0, Integer.MAX_VALUE);
    assertEquals(500 - first, all.size());
    assertEquals(first, all.get(0).offset());
    assertTrue(all.size() * 10_000L > BOUND * 3 / 4, "most of the bound is used");
  }

  @Test
  void readingGoesOnWhileTheOldestAreForgotten() throws Exception {
    RetainedLog log = folder.log();
    FutureTask<Void> writing =
        new FutureTask<>(
            () -> {
              for (int i = 0; i < 2_000; i++) {
                byte[] record = new byte[5_000];
                record[0] = (byte) i;
                get(log.append(record));
              }
              return null;
            });
    Thread writer = new Thread(writing, "test-sender");
    writer.setDaemon(true);
    writer.start();
    while (!writing.isDone()) {
      long previous = -1;
      for (Entry entry : log.read(log.first(), 60)) {
        assertTrue(entry.offset() > previous);
        assertEquals((byte) entry.offset(), entry.record()[0]);
        previous = entry.offset();
      }
    }
    writing.get(60, TimeUnit.SECONDS);
    assertEquals(2_000, log.next());
  }

  @Test
  void aReaderThatFollowsTheEndReadsLittle() throws Exception {
    RetainedLog log = folder.log();
    for (int i = 0; i < 100; i++) {
      get(log.append(new byte[1_000]));
      assertEquals(i, log.read(i, 10).get(0).offset());
    }
    assertEquals(List.of(), log.read(100, 10));
  }

  @Test
  void offsetsAreNotUsedAgainWhenAllIsForgottenByDecay() throws Exception {
    for (int i = 0; i < 5; i++) {
      get(folder.log().append(new byte[100]));
    }
    folder.close();
    Path file = disk.list(FILES).get(0);
    disk.damage(file, 0, (int) disk.length(file) - 130);
    open();
    assertEquals(5, get(folder.log().append(new byte[1])));
  }
}
