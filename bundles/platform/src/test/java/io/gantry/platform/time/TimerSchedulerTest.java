package io.gantry.platform.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TimerSchedulerTest {

  private final TimerScheduler scheduler = new TimerScheduler(Thread::new);

  @AfterEach
  void close() {
    scheduler.close();
  }

  /** None is due before the one above it, however long this thread is kept from scheduling it. */
  @Test
  void tasksRunInTheOrderInWhichTheyFallDueAndNotBefore() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Long> last = new CompletableFuture<>();
    scheduler.schedule(Duration.ofHours(1), () -> ran.add("much later"));
    long begin = System.nanoTime();
    scheduler.schedule(Duration.ZERO, () -> ran.add("first"));
    scheduler.schedule(Duration.ofMillis(20), () -> ran.add("second"));
    scheduler.schedule(Duration.ofMillis(40), () -> last.complete(System.nanoTime()));
    assertTrue(last.get(60, TimeUnit.SECONDS) - begin >= TimeUnit.MILLISECONDS.toNanos(40));
    assertEquals(List.of("first", "second"), ran);
  }

  /** The thread is held meanwhile: what is called off has not run before. */
  @Test
  void aTaskThatWasCalledOffDoesNotRunAndOneThatThrowsDoesNotStopTheNext() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    CountDownLatch calledOff = new CountDownLatch(1);
    scheduler.schedule(Duration.ZERO, () -> await(calledOff));
    scheduler.schedule(Duration.ofMillis(1), () -> ran.add("called off")).cancel();
    scheduler.schedule(
        Duration.ofMillis(1),
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    scheduler.schedule(Duration.ofMillis(2), () -> last.complete(null));
    calledOff.countDown();
    last.get(60, TimeUnit.SECONDS);
    assertEquals(List.of(), ran);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
