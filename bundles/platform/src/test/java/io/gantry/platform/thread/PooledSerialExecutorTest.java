package io.gantry.platform.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.execution.SerialExecutor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PooledSerialExecutorTest {

  private final PooledThreads threads = new PooledThreads();

  @AfterEach
  void close() {
    threads.close();
  }

  /** The list is not synchronized: a task that overlapped another one would lose entries. */
  @Test
  void tasksOfManyThreadsRunOneAtATimeAndInTheOrderOfEach() throws Exception {
    SerialExecutor serial = threads.serial("test");
    List<Integer> seen = new ArrayList<>();
    List<Thread> producers = new ArrayList<>();
    for (int producer = 0; producer < 4; producer++) {
      int first = producer * 10_000;
      Thread thread =
          threads
              .factory("producer")
              .newThread(
                  () ->
                      IntStream.range(first, first + 10_000)
                          .forEach(n -> serial.execute(() -> seen.add(n))));
      producers.add(thread);
      thread.start();
    }
    for (Thread producer : producers) {
      producer.join();
    }
    CompletableFuture<String> last = new CompletableFuture<>();
    serial.execute(() -> last.complete("ran"));
    assertEquals("ran", last.get(60, TimeUnit.SECONDS));
    assertEquals(40_000, seen.size());
    for (int producer = 0; producer < 4; producer++) {
      int from = producer * 10_000;
      List<Integer> own = seen.stream().filter(n -> n / 10_000 * 10_000 == from).toList();
      assertEquals(IntStream.range(from, from + 10_000).boxed().toList(), own);
    }
  }

  @Test
  void aTaskThatThrowsDoesNotStopTheNext() throws Exception {
    SerialExecutor serial = threads.serial("test");
    CompletableFuture<String> next = new CompletableFuture<>();
    serial.execute(
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    serial.execute(() -> next.complete("ran"));
    assertEquals("ran", next.get(60, TimeUnit.SECONDS));
  }

  /** A module that blocks for ever must not take the threads of the others. */
  @Test
  void executorsThatBlockDoNotStarveAnother() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < 40; i++) {
      threads.serial("blocked").execute(() -> await(release));
    }
    CompletableFuture<String> other = new CompletableFuture<>();
    threads.serial("other").execute(() -> other.complete("ran"));
    assertEquals("ran", other.get(60, TimeUnit.SECONDS));
    release.countDown();
  }

  @Test
  void closingLetsWhatWasGivenEndAndRefusesMore() {
    SerialExecutor serial = threads.serial("test");
    List<Integer> seen = new ArrayList<>();
    IntStream.range(0, 1_000).forEach(n -> serial.execute(() -> seen.add(n)));
    serial.close();
    assertEquals(1_000, seen.size());
    assertThrows(RejectedExecutionException.class, () -> serial.execute(() -> {}));
  }

  @Test
  void whatIsOfferedToAClosedOneIsLeftOutAndSaysSo() {
    SerialExecutor serial = threads.serial("test");
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    assertTrue(serial.offer(() -> seen.add("before")));
    serial.close();
    assertFalse(serial.offer(() -> seen.add("after")));
    assertEquals(List.of("before"), seen);
  }

  /** Bundles stop in any order: the pool may be gone before the executors that used it. */
  @Test
  void whatWasGivenRunsEvenWhenThePoolClosesFirst() throws Exception {
    SerialExecutor serial = threads.serial("test");
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(1_000);
    serial.execute(() -> await(release));
    IntStream.range(0, 1_000).forEach(n -> serial.execute(all::countDown));
    threads.close();
    release.countDown();
    assertTrue(all.await(60, TimeUnit.SECONDS));
    serial.close();
  }

  @Test
  void anExecutorKnowsWhetherItIsRunningTheCaller() throws Exception {
    SerialExecutor serial = threads.serial("test");
    CompletableFuture<Boolean> inside = new CompletableFuture<>();
    serial.execute(() -> inside.complete(serial.isCurrent()));
    assertTrue(inside.get(60, TimeUnit.SECONDS));
    assertFalse(serial.isCurrent());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
