package io.gantry.platform.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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

  @Test
  void tasksRunInTheOrderInWhichTheyFallDueAndNotBefore() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Long> last = new CompletableFuture<>();
    long begin = System.nanoTime();
    // So far apart that a busy machine, too, has called the second one before the last is due.
    scheduler.schedule(Duration.ofMillis(900), () -> last.complete(System.nanoTime()));
    scheduler.schedule(Duration.ofMillis(10), () -> ran.add("second"));
    scheduler.schedule(Duration.ZERO, () -> ran.add("first"));
    assertTrue(last.get(60, TimeUnit.SECONDS) - begin >= TimeUnit.MILLISECONDS.toNanos(900));
    assertEquals(List.of("first", "second"), ran);
  }

  @Test
  void aTaskThatWasCalledOffDoesNotRunAndOneThatThrowsDoesNotStopTheNext() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    scheduler.schedule(Duration.ofMillis(20), () -> ran.add("called off")).cancel();
    scheduler.schedule(
        Duration.ofMillis(20),
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    scheduler.schedule(Duration.ofMillis(30), () -> last.complete(null));
    last.get(60, TimeUnit.SECONDS);
    assertEquals(List.of(), ran);
  }
}
