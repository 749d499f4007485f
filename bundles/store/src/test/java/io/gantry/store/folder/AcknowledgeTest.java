package io.gantry.store.folder;

import static io.gantry.store.folder.TestFolder.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.disk.FaultyDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an answer means, and what it costs. */
class AcknowledgeTest {

  private final FaultyDisk disk = new FaultyDisk();
  private TestFolder folder;

  private void open(SyncPolicy sync) throws Exception {
    folder = TestFolder.open(disk, TestFolder.settings(sync));
  }

  @AfterEach
  void close() throws Exception {
    disk.releaseSyncs();
    folder.close();
  }

  @Test
  void nothingIsAnsweredOrReadBeforeItIsSynced() throws Exception {
    open(SyncPolicy.GROUP);
    disk.holdSyncs();
    CompletableFuture<Long> first = folder.appending("1", "a").toCompletableFuture();
    disk.awaitHeldSync();
    CompletableFuture<Long> second = folder.appending("2", "a").toCompletableFuture();
    assertFalse(first.isDone());
    assertFalse(second.isDone());
    assertEquals(0, folder.queue("a").pending());
    assertEquals(List.of(), folder.waiting("a"));
    disk.releaseSyncs();
    get(second);
    assertTrue(first.isDone());
    assertEquals(List.of("1", "2"), folder.waiting("a"));
  }

  @Test
  void oneSyncServesAllThatWaited() throws Exception {
    open(SyncPolicy.GROUP);
    disk.holdSyncs();
    CompletionStage<Long> first = folder.appending("first", "a");
    disk.awaitHeldSync();
    List<CompletionStage<Long>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(folder.appending("r" + i, "a", "q" + i));
    }
    long before = disk.syncs();
    disk.releaseSyncs();
    get(first);
    for (CompletionStage<Long> stage : waiting) {
      get(stage);
    }
    assertEquals(2, disk.syncs() - before, "one for the first, one for the rest");
  }

  @Test
  void aLoneRecordIsAnsweredAfterOneSync() throws Exception {
    open(SyncPolicy.GROUP);
    long before = disk.syncs();
    folder.append("r", "a", "b", "c");
    assertEquals(1, disk.syncs() - before);
  }

  @Test
  void eachRecordIsSyncedIfTheOperatorWantsIt() throws Exception {
    open(SyncPolicy.EACH);
    long before = disk.syncs();
    CompletionStage<Long> last = folder.appending("0", "a");
    for (int i = 1; i < 20; i++) {
      last = folder.appending("" + i, "a");
    }
    get(last);
    assertEquals(20, disk.syncs() - before);
  }

  @Test
  void nothingIsSyncedIfTheOperatorWantsIt() throws Exception {
    open(SyncPolicy.NONE);
    long before = disk.syncs();
    for (int i = 0; i < 20; i++) {
      folder.append("" + i, "a");
    }
    assertEquals(0, disk.syncs() - before);
    FaultyDisk found = disk.kill();
    try (TestFolder again = TestFolder.open(found)) {
      assertEquals(20, again.waiting("a").size());
    }
  }

  @Test
  void tablesAreSyncedWhateverTheOperatorWants() throws Exception {
    open(SyncPolicy.NONE);
    folder.put("k", "v");
    FaultyDisk found = disk.powerCut(1);
    try (TestFolder again = TestFolder.open(found)) {
      assertEquals("v", again.value("k"));
    }
  }

  /** The old value may be read until the new one is safe. */
  @Test
  void aTableShowsNothingThatIsNotSynced() throws Exception {
    open(SyncPolicy.GROUP);
    folder.put("k", "old");
    disk.holdSyncs();
    CompletionStage<Void> put = folder.table().put("k", new byte[] {'n'});
    disk.awaitHeldSync();
    assertEquals("old", folder.value("k"));
    disk.releaseSyncs();
    get(put);
    assertEquals("n", folder.value("k"));
  }

  @Test
  void aLogShowsNothingThatIsNotSynced() throws Exception {
    open(SyncPolicy.GROUP);
    folder.log();
    disk.holdSyncs();
    CompletionStage<Long> append = folder.log().append(new byte[1]);
    disk.awaitHeldSync();
    assertEquals(0, folder.log().next());
    assertEquals(List.of(), folder.log().read(0, 10));
    disk.releaseSyncs();
    get(append);
    assertEquals(1, folder.log().read(0, 10).size());
  }

  @Test
  void positionsCostNoSyncOfTheirOwnWhileRecordsFlow() throws Exception {
    open(SyncPolicy.GROUP);
    long offset = folder.append("1", "a");
    disk.holdSyncs();
    CompletionStage<Long> first = folder.appending("2", "a");
    disk.awaitHeldSync();
    folder.queue("a").commit(offset);
    CompletionStage<Long> second = folder.appending("3", "b");
    long before = disk.syncs();
    disk.releaseSyncs();
    get(first);
    get(second);
    assertEquals(2, disk.syncs() - before);
    FaultyDisk found = disk.powerCut(1);
    try (TestFolder again = TestFolder.open(found)) {
      assertEquals(offset, again.queue("a").committed());
    }
  }
}
