package io.gantry.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link QueueStore} does, the real one and the fake. */
public abstract class QueueStoreContract {

  private static final int ALL = Integer.MAX_VALUE;

  /** The store under test, empty in the beginning; the same one until {@link #reopen}. */
  protected abstract QueueStore store() throws Exception;

  /** Closes the store and opens it again, as a restart does. */
  protected abstract void reopen() throws Exception;

  // ---- append

  @Test
  void offsetsAscendAndStagesCompleteInTheOrderOfTheCalls() throws Exception {
    List<Long> completed = Collections.synchronizedList(new ArrayList<>());
    List<Long> offsets = new ArrayList<>();
    List<CompletableFuture<Long>> stages = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      CompletionStage<Long> stage = store().append(bytes("r" + i), Set.of("q" + i % 3));
      stages.add(
          stage.whenComplete((offset, failure) -> completed.add(offset)).toCompletableFuture());
    }
    for (CompletableFuture<Long> stage : stages) {
      offsets.add(get(stage));
    }
    assertEquals(offsets, completed);
    assertEquals(new ArrayList<>(new TreeSet<>(offsets)), offsets);
  }

  /** One record with references, not copies: the offset is the same in each queue. */
  @Test
  void aRecordIsInAllItsQueuesAndInNoOther() throws Exception {
    long both = append("both", "a", "b");
    long one = append("one", "b");
    assertEquals(List.of(both + " both"), all("a"));
    assertEquals(List.of(both + " both", one + " one"), all("b"));
    assertEquals(List.of(), all("c"));
  }

  @Test
  void aQueueThatIsNamedTwiceHoldsTheRecordOnce() throws Exception {
    long offset = get(store().append(bytes("r"), List.of("a", "b", "a")));
    assertEquals(List.of(offset + " r"), all("a"));
    assertEquals(1, store().queue("a").pending());
  }

  @Test
  void aRecordMayBeEmptyAndOneMebibyteLong() throws Exception {
    byte[] longest = new byte[1 << 20];
    Arrays.fill(longest, (byte) 7);
    get(store().append(new byte[0], Set.of("a")));
    get(store().append(longest, Set.of("a")));
    reopen();
    List<Entry> entries = store().queue("a").read(-1, 10, ALL);
    assertEquals(0, entries.get(0).record().length);
    assertArrayEquals(longest, entries.get(1).record());
  }

  @Test
  void aRecordThatIsTooLongIsRefused() throws Exception {
    QueueStore store = store();
    byte[] tooLong = new byte[(1 << 20) + 1];
    assertThrows(IllegalArgumentException.class, () -> store.append(tooLong, Set.of("a")));
    assertEquals(Set.of(), store.queues());
  }

  @Test
  void aQueueNameHasOneTo256Characters() throws Exception {
    QueueStore store = store();
    String longest = "\u6f22".repeat(256);
    long offset = append("r", longest, "a/b c?\u00e4");
    assertThrows(
        IllegalArgumentException.class, () -> store.append(bytes("r"), Set.of(longest + "x")));
    assertThrows(IllegalArgumentException.class, () -> store.append(bytes("r"), Set.of("")));
    assertThrows(IllegalArgumentException.class, () -> store.append(bytes("r"), Set.of()));
    assertThrows(IllegalArgumentException.class, () -> store.queue(""));
    assertThrows(IllegalArgumentException.class, () -> store.queue(longest + "x"));
    reopen();
    assertEquals(Set.of(longest, "a/b c?\u00e4"), store().queues());
    assertEquals(List.of(offset + " r"), all(longest));
  }

  /** One refused name must not leave the record in the others. */
  @Test
  void anAppendThatIsRefusedIsInNoQueue() throws Exception {
    QueueStore store = store();
    List<String> names = List.of("a", "");
    assertThrows(IllegalArgumentException.class, () -> store.append(bytes("r"), names));
    assertEquals(List.of(), all("a"));
  }

  @Test
  void manyThreadsAppendAndEachFindsItsRecordsInItsOrder() throws Exception {
    List<FutureTask<Void>> senders = new ArrayList<>();
    for (int sender = 0; sender < 4; sender++) {
      senders.add(started(sender(store(), sender)));
    }
    for (FutureTask<Void> sender : senders) {
      sender.get(60, TimeUnit.SECONDS);
    }
    int[] next = new int[4];
    long last = -1;
    List<Entry> entries = store().queue("shared").read(-1, ALL, ALL);
    for (Entry entry : entries) {
      assertTrue(entry.offset() > last);
      last = entry.offset();
      String[] parts = text(entry).split(" ");
      assertEquals(next[Integer.parseInt(parts[0])]++, Integer.parseInt(parts[1]));
    }
    assertEquals(800, entries.size());
    assertEquals(200, store().queue("own-3").read(-1, ALL, ALL).size());
  }

  private static Callable<Void> sender(QueueStore store, int sender) {
    return () -> {
      List<CompletionStage<Long>> stages = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        stages.add(store.append(bytes(sender + " " + i), List.of("shared", "own-" + sender)));
      }
      for (CompletionStage<Long> stage : stages) {
        get(stage);
      }
      return null;
    };
  }

  // ---- read

  @Test
  void readingGoesOnBehindTheOffsetAndConsumesNothing() throws Exception {
    long first = append("1", "a");
    long second = append("2", "a");
    MessageQueue queue = store().queue("a");
    assertEquals(List.of("1", "2"), texts(queue.read(queue.committed(), 10, ALL)));
    assertEquals(List.of("2"), texts(queue.read(first, 10, ALL)));
    assertEquals(List.of(), texts(queue.read(second, 10, ALL)));
    assertEquals(List.of("1", "2"), texts(queue.read(queue.committed(), 10, ALL)));
  }

  @Test
  void readingStopsAtSoManyEntries() throws Exception {
    appendAll("a", "1", "2", "3");
    assertEquals(List.of("1"), texts(store().queue("a").read(-1, 1, ALL)));
    assertEquals(List.of("1", "2"), texts(store().queue("a").read(-1, 2, ALL)));
    assertEquals(List.of("1", "2", "3"), texts(store().queue("a").read(-1, 4, ALL)));
  }

  @Test
  void readingStopsOnceSoManyBytesAreGathered() throws Exception {
    appendAll("a", "0123456789", "abcdefghij", "klmnopqrst");
    assertEquals(1, store().queue("a").read(-1, 10, 10).size());
    assertEquals(2, store().queue("a").read(-1, 10, 11).size());
    assertEquals(2, store().queue("a").read(-1, 10, 20).size());
    assertEquals(3, store().queue("a").read(-1, 10, 21).size());
  }

  @Test
  void atLeastOneRecordIsReadHoweverLongItIs() throws Exception {
    appendAll("a", "0123456789", "x");
    assertEquals(List.of("0123456789"), texts(store().queue("a").read(-1, 10, 1)));
  }

  // ---- commit

  @Test
  void aNewQueueHasNoPositionAndNothingWaits() throws Exception {
    assertEquals("a", store().queue("a").name());
    assertEquals(-1, store().queue("a").committed());
    assertEquals(0, store().queue("a").pending());
  }

  @Test
  void pendingCountsWhatIsBehindThePosition() throws Exception {
    append("1", "a", "b");
    long second = append("2", "a");
    append("3", "b");
    append("4", "a");
    MessageQueue queue = store().queue("a");
    assertEquals(3, queue.pending());
    queue.commit(second);
    assertEquals(second, queue.committed());
    assertEquals(1, queue.pending());
    assertEquals(List.of("4"), texts(queue.read(queue.committed(), 10, ALL)));
    assertEquals(2, store().queue("b").pending());
  }

  @Test
  void anOlderOffsetIsIgnored() throws Exception {
    long first = append("1", "a");
    long second = append("2", "a");
    MessageQueue queue = store().queue("a");
    queue.commit(second);
    queue.commit(first);
    assertEquals(second, queue.committed());
    assertEquals(0, queue.pending());
  }

  /** Or a slip of a reader would skip what comes later. */
  @Test
  void whatIsNotStoredYetIsNotDone() throws Exception {
    append("1", "a");
    store().queue("a").commit(1_000_000);
    append("2", "a");
    assertEquals(1, store().queue("a").pending());
    assertEquals(
        List.of("2"), texts(store().queue("a").read(store().queue("a").committed(), 10, ALL)));
  }

  @Test
  void thePositionSurvivesReopening() throws Exception {
    long first = append("1", "a", "b");
    append("2", "a");
    store().queue("a").commit(first);
    reopen();
    assertEquals(first, store().queue("a").committed());
    assertEquals(1, store().queue("a").pending());
    assertEquals(List.of("2"), texts(store().queue("a").read(first, 10, ALL)));
    assertEquals(-1, store().queue("b").committed());
    assertEquals(List.of(first + " 1"), all("b"));
  }

  @Test
  void reopeningKeepsAllInOrderAndOffsetsGoOn() throws Exception {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      expected.add(append("r" + i, "a", "q" + i % 7) + " r" + i);
    }
    reopen();
    assertEquals(expected, all("a"));
    assertEquals(300, store().queue("a").pending());
    expected.add(append("more", "a") + " more");
    assertTrue(offset(expected.get(300)) > offset(expected.get(299)));
    reopen();
    assertEquals(expected, all("a"));
  }

  private static long offset(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }

  // ---- listeners

  @Test
  void theListenerIsToldOfWhatComesAfterAnEmptyRead() throws Exception {
    Semaphore told = new Semaphore(0);
    MessageQueue queue = store().queue("a");
    queue.onAppend(told::release);
    for (int i = 0; i < 5; i++) {
      assertEquals(List.of(), queue.read(queue.committed(), 10, ALL));
      told.drainPermits();
      append("r" + i, "a", "b");
      assertTrue(told.tryAcquire(60, TimeUnit.SECONDS));
      List<Entry> entries = queue.read(queue.committed(), 10, ALL);
      assertEquals(List.of("r" + i), texts(entries));
      queue.commit(entries.get(0).offset());
    }
  }

  @Test
  void aListenerReplacesTheFormerOne() throws Exception {
    Semaphore former = new Semaphore(0);
    Semaphore present = new Semaphore(0);
    MessageQueue queue = store().queue("a");
    queue.onAppend(former::release);
    queue.onAppend(present::release);
    queue.read(-1, 1, ALL);
    append("r", "a");
    assertTrue(present.tryAcquire(60, TimeUnit.SECONDS));
    assertEquals(0, former.availablePermits());
  }

  /** Or one receiver could take the acknowledgement away from the sender. */
  @Test
  void aListenerThatThrowsHarmsNobody() throws Exception {
    store()
        .queue("a")
        .onAppend(
            () -> {
              throw new IllegalStateException("as the test wanted");
            });
    store().queue("a").read(-1, 1, ALL);
    append("1", "a", "b");
    append("2", "a", "b");
    assertEquals(2, all("a").size());
    assertEquals(2, all("b").size());
  }

  /** The way of every receiver: read until nothing comes, wait to be told, go on. */
  @Test
  void aReaderThatWaitsToBeToldMissesNothing() throws Exception {
    FutureTask<Void> sender = started(sender(store(), 0));
    MessageQueue queue = store().queue("shared");
    Semaphore told = new Semaphore(0);
    queue.onAppend(told::release);
    List<String> found = new ArrayList<>();
    while (found.size() < 200) {
      List<Entry> entries = queue.read(queue.committed(), 7, ALL);
      if (entries.isEmpty()) {
        assertTrue(told.tryAcquire(60, TimeUnit.SECONDS), "nobody woke the reader");
      } else {
        found.addAll(texts(entries));
        queue.commit(entries.get(entries.size() - 1).offset());
      }
    }
    sender.get(60, TimeUnit.SECONDS);
    for (int i = 0; i < 200; i++) {
      assertEquals("0 " + i, found.get(i));
    }
    assertEquals(0, queue.pending());
  }

  // ---- remove, queues, status

  @Test
  void aRemovedQueueIsForgottenWithItsPosition() throws Exception {
    long first = append("1", "a", "b");
    append("2", "a");
    MessageQueue removed = store().queue("a");
    removed.commit(first);
    removed.remove();
    assertEquals(Set.of("b"), store().queues());
    assertEquals(List.of(), removed.read(-1, 10, ALL));
    assertEquals(-1, store().queue("a").committed());
    assertEquals(0, store().queue("a").pending());
    assertEquals(List.of(), all("a"));
    assertEquals(List.of(first + " 1"), all("b"));
    reopen();
    assertEquals(Set.of("b"), store().queues());
    assertEquals(List.of(), all("a"));
    assertEquals(List.of(first + " 1"), all("b"));
  }

  @Test
  void aQueueThatIsMadeAgainHoldsOnlyWhatCameSince() throws Exception {
    append("old", "a", "b");
    store().queue("a").remove();
    long offset = append("new", "a");
    assertEquals(List.of(offset + " new"), all("a"));
    reopen();
    assertEquals(List.of(offset + " new"), all("a"));
    assertEquals(1, store().queue("a").pending());
  }

  @Test
  void removingWhatIsNotThereIsDone() throws Exception {
    MessageQueue queue = store().queue("a");
    queue.remove();
    queue.remove();
    append("r", "a");
    queue.remove();
    assertEquals(1, all("a").size(), "it is another queue by now");
  }

  @Test
  void queuesAreThoseWithRecordsOrAPosition() throws Exception {
    assertEquals(Set.of(), store().queues());
    store().queue("only-asked-for");
    long offset = append("r", "a", "b");
    store().queue("b").commit(offset);
    assertEquals(Set.of("a", "b"), store().queues());
    reopen();
    assertEquals(Set.of("a", "b"), store().queues());
  }

  @Test
  void theStatusCountsWhatWasAppended() throws Exception {
    append("1", "a", "b");
    append("2", "a");
    assertEquals(2, store().status().appended());
    assertEquals(0, store().status().damagedRecords());
    assertEquals(Optional.empty(), store().status().problem());
    assertTrue(store().status().bytes() <= store().status().maxBytes());
  }

  // ----

  private void appendAll(String queue, String... records) throws Exception {
    for (String record : records) {
      append(record, queue);
    }
  }

  private long append(String record, String... queues) throws Exception {
    return get(store().append(bytes(record), List.of(queues)));
  }

  /** All that waits in a queue, as offset and text. */
  private List<String> all(String name) throws Exception {
    MessageQueue queue = store().queue(name);
    List<String> lines = new ArrayList<>();
    long after = queue.committed();
    List<Entry> entries = queue.read(after, 50, ALL);
    while (!entries.isEmpty()) {
      for (Entry entry : entries) {
        lines.add(entry.offset() + " " + text(entry));
        after = entry.offset();
      }
      entries = queue.read(after, 50, ALL);
    }
    return lines;
  }

  private static List<String> texts(List<Entry> entries) {
    return entries.stream().map(QueueStoreContract::text).toList();
  }

  private static String text(Entry entry) {
    return new String(entry.record(), UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static FutureTask<Void> started(Callable<Void> work) {
    FutureTask<Void> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "contract");
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
