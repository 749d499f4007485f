package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.failure;
import static io.gantry.store.folder.TestFolder.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.spi.store.Table;
import io.gantry.testkit.disk.FaultyDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An orderly end: everybody gets an answer, and nothing that was answered is lost. */
class CloseTest {

  private final FaultyDisk disk = new FaultyDisk();

  @Test
  void closingAnswersWhatWaits() throws Exception {
    TestFolder folder = TestFolder.open(disk);
    RetainedLog log = folder.log();
    Table table = folder.table();
    disk.holdSyncs();
    List<CompletionStage<?>> stages = new ArrayList<>();
    stages.add(folder.appending("first", "a"));
    disk.awaitHeldSync();
    for (int i = 0; i < 50; i++) {
      stages.add(folder.appending("r" + i, "a"));
      stages.add(log.append(new byte[1]));
      stages.add(table.put("k" + i, new byte[1]));
    }
    FutureTask<Void> closing =
        new FutureTask<>(
            () -> {
              folder.close();
              return null;
            });
    Thread thread = new Thread(closing, "test-close");
    thread.setDaemon(true);
    thread.start();
    disk.releaseSyncs();
    closing.get(60, TimeUnit.SECONDS);
    for (CompletionStage<?> stage : stages) {
      assertTrue(stage.toCompletableFuture().isDone());
      get(stage);
    }
    try (TestFolder again = TestFolder.open(disk)) {
      assertEquals(51, again.waiting("a").size());
      assertEquals(50, again.log().next());
      assertEquals(50, again.table().keys().size());
    }
  }

  @Test
  void afterClosingEverythingIsRefused() throws Exception {
    TestFolder folder = TestFolder.open(disk);
    RetainedLog log = folder.log();
    Table table = folder.table();
    long offset = folder.append("1", "a");
    folder.close();
    assertEquals(Kind.CLOSED, failure(folder.appending("2", "a")));
    assertEquals(Kind.CLOSED, failure(log.append(new byte[1])));
    assertEquals(Kind.CLOSED, failure(table.put("k", new byte[1])));
    assertEquals(Kind.CLOSED, failure(table.remove("k")));
    folder.queue("a").commit(offset);
    folder.queue("a").remove();
    folder.close();
  }

  @Test
  void whatWasCommittedLastIsThereAfterAnOrderlyEnd() throws Exception {
    for (int i = 0; i < 20; i++) {
      long offset;
      try (TestFolder folder = TestFolder.open(disk)) {
        offset = folder.append("r", "a");
        folder.queue("a").commit(offset);
      }
      try (TestFolder folder = TestFolder.open(disk)) {
        assertEquals(offset, folder.queue("a").committed());
      }
    }
  }

  /** Whoever stops us may be on its way out itself. */
  @Test
  void closingByAnInterruptedThreadWritesWhatWaits() throws Exception {
    TestFolder folder = TestFolder.open(disk);
    CompletionStage<Long> last = folder.appending("0", "a");
    for (int i = 1; i < 200; i++) {
      last = folder.appending("" + i, "a");
    }
    Thread.currentThread().interrupt();
    folder.close();
    assertTrue(Thread.interrupted(), "the interrupt is kept");
    assertTrue(last.toCompletableFuture().isDone());
    try (TestFolder again = TestFolder.open(disk)) {
      assertEquals(200, again.waiting("a").size());
    }
  }

  @Test
  void restartsLeaveNothingBehind() throws Exception {
    for (int i = 0; i < 30; i++) {
      try (TestFolder folder = TestFolder.open(disk)) {
        folder.append("r" + i, "a");
        folder.drain("a");
        folder.log();
        folder.put("k", "" + i);
      }
    }
    assertEquals(1, disk.list(TestFolder.QUEUES).size());
    assertEquals(1, disk.list(TestFolder.DIRECTORY.resolve("tables")).size());
    assertEquals(1, disk.list(TestFolder.DIRECTORY.resolve("logs").resolve("log")).size());
  }
}
