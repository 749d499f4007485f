package io.gantry.module.host.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.module.host.runtime.RealTime;
import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.module.ModuleException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call into code that nobody knows. */
@Timeout(300)
class CallTest {

  /** An exception that fails when it is asked what it is about. */
  private static final class Speechless extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  private final RealTime threads = new RealTime();
  private final AtomicReference<Runnable> limit = new AtomicReference<>();
  private final Call.Maker calls =
      new Call.Maker(
          threads,
          (delay, task) -> {
            limit.set(task);
            return () -> {};
          },
          Duration.ofSeconds(30));

  @AfterEach
  void close() {
    threads.close();
  }

  private static String failure(Call call) {
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () -> call.result().toCompletableFuture().get(60, TimeUnit.SECONDS));
    return assertThrows(
            ModuleException.class,
            () -> {
              throw e.getCause();
            })
        .getMessage();
  }

  private static void returned(Call call) throws Exception {
    call.returned().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** Else whoever waits for the start would wait for ever. */
  @Test
  void whatIsThrownFailsTheCallEvenWhenItCannotSayWhatItIs() throws Exception {
    Call call =
        calls.call(
            "module m",
            "start",
            () -> {
              throw new Speechless();
            },
            () -> {});
    assertEquals(
        "module m did not start: "
            + Speechless.class.getName()
            + " (it cannot say why: java.lang.IllegalStateException)",
        failure(call));
    returned(call);
    assertFalse(call.hangs());
  }

  @Test
  void whatComesBackTooLateIsUndone() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    AtomicInteger undone = new AtomicInteger();
    Call call = calls.call("module m", "start", () -> ignoring(latch), undone::incrementAndGet);
    assertTrue(call.isUnderWay());
    limit.get().run();
    assertTrue(failure(call).startsWith("module m did not start within 30 s"));
    assertTrue(call.hangs());
    latch.countDown();
    returned(call);
    assertFalse(call.hangs());
    assertEquals(1, undone.get());
  }

  /** Its memory is not all that a module can eat. */
  @Test
  void aCallFailsWhenThereIsNoThreadForIt() throws Exception {
    Thread none =
        new Thread() {
          @Override
          public void start() {
            throw new OutOfMemoryError("unable to create native thread");
          }
        };
    Threads exhausted =
        new Threads() {
          @Override
          public SerialExecutor serial(String name) {
            return threads.serial(name);
          }

          @Override
          public ThreadFactory factory(String name) {
            return task -> none;
          }
        };
    Call call =
        new Call.Maker(exhausted, threads, Duration.ofSeconds(30))
            .call("module m", "start", () -> {}, () -> {});
    assertTrue(failure(call).contains("unable to create native thread"));
    returned(call);
    assertFalse(call.hangs());
  }

  private static void ignoring(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // The worst kind of module ignores interrupts.
      }
    }
  }
}
