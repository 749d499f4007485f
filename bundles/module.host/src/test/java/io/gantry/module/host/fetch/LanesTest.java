package io.gantry.module.host.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.spi.execution.SerialExecutor;
import io.gantry.spi.execution.Threads;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LanesTest {

  private final AtomicBoolean exhausted = new AtomicBoolean();

  /** Threads that cannot be started while the system has none left. */
  private final Threads threads =
      new Threads() {
        @Override
        public SerialExecutor serial(String name) {
          throw new UnsupportedOperationException();
        }

        @Override
        public ThreadFactory factory(String name) {
          return task ->
              new Thread(task, name) {
                @Override
                public synchronized void start() {
                  if (exhausted.get()) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  super.start();
                }
              };
        }
      };

  /** Each try took a lane with it, and after four of them nothing was ever fetched again. */
  @Test
  void whoFindsNoThreadIsToldAndTheLaneIsThereForTheNext() throws Exception {
    Lanes lanes = new Lanes(threads);
    exhausted.set(true);
    for (int i = 0; i < 10; i++) {
      assertThrows(OutOfMemoryError.class, () -> lanes.execute(() -> {}));
    }
    exhausted.set(false);
    CompletableFuture<String> fetched = new CompletableFuture<>();
    lanes.execute(() -> fetched.complete("fetched"));
    assertEquals("fetched", fetched.get(60, TimeUnit.SECONDS));
  }
}
