package io.gantry.testkit.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.RetainedLog.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link LogStore} does, the real one and the fake. */
public abstract class LogStoreContract {

  private static final long BOUND = 1 << 20;
  private static final int LARGE = 40_000;

  /** The store under test, empty in the beginning; the same one until {@link #reopen}. */
  protected abstract LogStore store() throws Exception;

  /** Closes the store and opens it again, as a restart does. */
  protected abstract void reopen() throws Exception;

  private RetainedLog log() throws Exception {
    return store().log("events", BOUND);
  }

  @Test
  void aNewLogIsEmptyAndBeginsAtZero() throws Exception {
    assertEquals(0, log().first());
    assertEquals(0, log().next());
    assertEquals(List.of(), log().read(0, 10));
  }

  @Test
  void offsetsCountUpByOneFromZero() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertEquals(i, append("r" + i));
    }
    assertEquals(0, log().first());
    assertEquals(100, log().next());
  }

  @Test
  void stagesCompleteWithTheirOffsetsWhenManyWait() throws Exception {
    List<CompletionStage<Long>> stages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      stages.add(log().append(bytes("r" + i)));
    }
    for (int i = 0; i < 300; i++) {
      assertEquals(i, get(stages.get(i)));
    }
    assertEquals("r299", text(log().read(299, 1).get(0)));
  }

  @Test
  void readingBeginsAtTheOffsetAndStopsAtSoManyEntries() throws Exception {
    for (int i = 0; i < 5; i++) {
      append("r" + i);
    }
    assertEquals(List.of("0 r0", "1 r1"), lines(log().read(0, 2)));
    assertEquals(List.of("3 r3", "4 r4"), lines(log().read(3, 10)));
    assertEquals(List.of(), lines(log().read(5, 10)));
    assertEquals(List.of(), lines(log().read(500, 10)));
  }

  @Test
  void theOldestRecordsAreForgottenAndTheNewestStay() throws Exception {
    for (int i = 0; i < 100; i++) {
      appendLarge(i);
    }
    long first = log().first();
    assertTrue(first > 0, "100 records of 40 kB are more than 1 MiB");
    assertEquals(100, log().next());
    List<Entry> kept = log().read(first, 1000);
    for (int i = 0; i < kept.size(); i++) {
      assertEquals(first + i, kept.get(i).offset());
      assertEquals((byte) (first + i), kept.get(i).record()[LARGE - 1]);
    }
    assertEquals(99, kept.get(kept.size() - 1).offset());
    assertTrue((long) kept.size() * LARGE <= BOUND);
    assertTrue(kept.size() > 12, "at least half of the bound is used, found " + kept.size());
  }

  @Test
  void readingFromBelowTheFirstBeginsAtTheFirst() throws Exception {
    for (int i = 0; i < 60; i++) {
      appendLarge(i);
    }
    long first = log().first();
    assertEquals(first, log().read(0, 1).get(0).offset());
    assertEquals(first, log().read(-1, 1).get(0).offset());
    assertEquals(first + 1, log().read(first - 1, 2).get(1).offset());
  }

  @Test
  void reopeningKeepsAllAndOffsetsGoOn() throws Exception {
    for (int i = 0; i < 60; i++) {
      appendLarge(i);
    }
    long first = log().first();
    reopen();
    assertEquals(first, log().first());
    assertEquals(60, log().next());
    assertEquals(60 - first, log().read(0, 1000).size());
    assertEquals(60, append("more"));
    reopen();
    assertEquals("60 more", lines(log().read(60, 10)).get(0));
  }

  @Test
  void anEmptyLogSurvivesReopening() throws Exception {
    log();
    reopen();
    assertEquals(0, log().next());
    assertEquals(0, append("r"));
  }

  @Test
  void theSameNameIsTheSameLogAndAnotherNameAnother() throws Exception {
    append("r");
    assertEquals(1, store().log("events", BOUND).next());
    assertEquals(0, store().log("others-2", BOUND).next());
  }

  @Test
  void listenersAreToldUntilTheyAreClosed() throws Exception {
    Semaphore stays = new Semaphore(0);
    Semaphore goes = new Semaphore(0);
    log().onAppend(stays::release);
    AutoCloseable registration = log().onAppend(goes::release);
    append("1");
    assertTrue(stays.tryAcquire(60, TimeUnit.SECONDS));
    assertTrue(goes.tryAcquire(60, TimeUnit.SECONDS));
    registration.close();
    stays.drainPermits();
    append("2");
    assertTrue(stays.tryAcquire(60, TimeUnit.SECONDS));
    assertEquals(0, goes.availablePermits());
  }

  @Test
  void aListenerThatThrowsHarmsNobody() throws Exception {
    Semaphore told = new Semaphore(0);
    log()
        .onAppend(
            () -> {
              throw new IllegalStateException("as the test wanted");
            });
    log().onAppend(told::release);
    append("1");
    assertTrue(told.tryAcquire(60, TimeUnit.SECONDS));
    assertEquals(1, append("2"));
  }

  @Test
  void namesAndBoundsAreChecked() throws Exception {
    LogStore store = store();
    assertThrows(IllegalArgumentException.class, () -> store.log("", BOUND));
    assertThrows(IllegalArgumentException.class, () -> store.log("Events", BOUND));
    assertThrows(IllegalArgumentException.class, () -> store.log("../events", BOUND));
    assertThrows(IllegalArgumentException.class, () -> store.log("events", BOUND - 1));
  }

  private void appendLarge(int number) throws Exception {
    byte[] record = new byte[LARGE];
    record[LARGE - 1] = (byte) number;
    assertEquals(number, get(log().append(record)));
  }

  private long append(String record) throws Exception {
    return get(log().append(bytes(record)));
  }

  private static List<String> lines(List<Entry> entries) {
    return entries.stream().map(entry -> entry.offset() + " " + text(entry)).toList();
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
}
