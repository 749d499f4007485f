package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.get;
import static io.gantry.store.folder.TestFolder.record;
import static io.gantry.store.folder.TestFolder.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.testkit.disk.FaultyDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers that memory cannot serve: more waits than the 8 MiB that all tails share. */
class FarBehindTest {

  private static final int LENGTH = 10_000;
  private static final int BEYOND_MEMORY = 1_500;

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

  private void append(int from, int to, String... queues) throws Exception {
    CompletionStage<Long> last = folder.appending(record(from, LENGTH), queues);
    for (int i = from + 1; i < to; i++) {
      last = folder.appending(record(i, LENGTH), queues);
    }
    get(last);
  }

  /** Reads to the end, commits now and then, and expects the numbers in order. */
  private int read(String name, int from) throws IOException {
    MessageQueue queue = folder.queue(name);
    int next = from;
    long after = queue.committed();
    List<Entry> entries = queue.read(after, 16, 100_000);
    while (!entries.isEmpty()) {
      for (Entry entry : entries) {
        assertEquals(record(next++, LENGTH), text(entry.record()));
        after = entry.offset();
      }
      if (next % 3 == 0) {
        queue.commit(after);
      }
      entries = queue.read(after, 16, 100_000);
    }
    queue.commit(after);
    return next;
  }

  @Test
  void aReaderFarBehindGetsEverythingInOrder() throws Exception {
    append(0, BEYOND_MEMORY, "a");
    assertEquals(BEYOND_MEMORY, folder.queue("a").pending());
    assertEquals(BEYOND_MEMORY, read("a", 0));
    assertEquals(0, folder.queue("a").pending());
    append(BEYOND_MEMORY, BEYOND_MEMORY + 10, "a");
    assertEquals(BEYOND_MEMORY + 10, read("a", BEYOND_MEMORY));
  }

  @Test
  void oneThatIsAwayDoesNotDisturbOneThatIsHere() throws Exception {
    for (int i = 0; i < BEYOND_MEMORY; i += 100) {
      append(i, i + 100, "here", "away");
      assertEquals(i + 100, read("here", i));
    }
    assertEquals(BEYOND_MEMORY, read("away", 0));
  }

  @Test
  void committingWithoutReadingCountsRight() throws Exception {
    append(0, BEYOND_MEMORY, "a", "b");
    List<Entry> some = folder.queue("a").read(-1, 100, Integer.MAX_VALUE);
    long far = some.get(0).offset() + 1_200;
    folder.queue("b").commit(far);
    assertEquals(BEYOND_MEMORY - 1_201, folder.queue("b").pending());
    assertEquals(BEYOND_MEMORY, read("b", 1_201));
    assertEquals(0, folder.queue("b").pending());
    assertEquals(BEYOND_MEMORY, read("a", 0));
  }

  @Test
  void readingAgainFromThePositionGivesTheSameAgain() throws Exception {
    append(0, BEYOND_MEMORY, "a");
    MessageQueue queue = folder.queue("a");
    long after = -1;
    for (int i = 0; i < 60; i++) {
      List<Entry> entries = queue.read(after, 16, Integer.MAX_VALUE);
      after = entries.get(entries.size() - 1).offset();
    }
    assertEquals(BEYOND_MEMORY, read("a", 0));
  }

  @Test
  void readerAndWriterAtTheSameTimeLoseNothing() throws Exception {
    append(0, BEYOND_MEMORY, "a", "other");
    int total = 2 * BEYOND_MEMORY;
    FutureTask<Void> writing =
        new FutureTask<>(
            () -> {
              append(BEYOND_MEMORY, total, "a", "other");
              return null;
            });
    Thread writer = new Thread(writing, "test-sender");
    writer.setDaemon(true);
    Semaphore told = new Semaphore(0);
    folder.queue("a").onAppend(told::release);
    writer.start();
    int next = read("a", 0);
    while (next < total) {
      assertTrue(told.tryAcquire(60, TimeUnit.SECONDS), "nobody woke the reader at " + next);
      next = read("a", next);
    }
    writing.get(60, TimeUnit.SECONDS);
    assertEquals(total, read("other", 0));
  }

  @Test
  void manyReadersAtOnceEachGetTheirOwn() throws Exception {
    List<FutureTask<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < BEYOND_MEMORY; i += 100) {
      append(i, i + 100, "q0", "q1", "q2", "q3");
    }
    for (int i = 0; i < 4; i++) {
      String name = "q" + i;
      FutureTask<Integer> reading = new FutureTask<>(() -> read(name, 0));
      Thread reader = new Thread(reading, "test-reader");
      reader.setDaemon(true);
      reader.start();
      readers.add(reading);
    }
    for (FutureTask<Integer> reader : readers) {
      assertEquals(BEYOND_MEMORY, reader.get(60, TimeUnit.SECONDS));
    }
    folder.settle();
    assertEquals(1, folder.status().segments());
  }

  @Test
  void afterARestartEverythingIsReadFromDisk() throws Exception {
    append(0, 300, "a", "b");
    folder.queue("a").commit(folder.queue("a").read(-1, 100, Integer.MAX_VALUE).get(49).offset());
    folder.close();
    open();
    assertEquals(250, folder.queue("a").pending());
    append(300, 310, "a", "b");
    assertEquals(310, read("a", 50));
    assertEquals(310, read("b", 0));
  }
}
