package io.gantry.testkit.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.spi.store.TableStore;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The fake keeps the contracts; it survives a restart by being the same. */
class FakeStoreTest {

  private final FakeStore store = new FakeStore();

  @Nested
  class Queues extends QueueStoreContract {

    @Override
    protected QueueStore store() {
      return store;
    }

    @Override
    protected void reopen() {}
  }

  @Nested
  class Logs extends LogStoreContract {

    @Override
    protected LogStore store() {
      return store;
    }

    @Override
    protected void reopen() {}
  }

  @Nested
  class Tables extends TableStoreContract {

    @Override
    protected TableStore store() {
      return store;
    }

    @Override
    protected void reopen() {}
  }

  @Test
  void whatIsHeldIsDurableWhenItIsReleased() {
    store.hold();
    CompletableFuture<Long> append = store.append(new byte[1], Set.of("a")).toCompletableFuture();
    assertFalse(append.isDone());
    assertEquals(1, store.held());
    assertEquals(0, store.queue("a").pending());
    store.release();
    assertEquals(0, append.join());
    assertEquals(1, store.queue("a").pending());
  }

  @Test
  void whatIsRefusedIsNotStored() {
    store.refuse(Kind.FULL);
    assertTrue(
        store.append(new byte[1], Set.of("a")).toCompletableFuture().isCompletedExceptionally());
    store.refuse(null);
    assertEquals(0, store.append(new byte[1], Set.of("a")).toCompletableFuture().join());
  }

  @Test
  void aCrashLeavesWhatWasDurable() {
    store.append(new byte[1], Set.of("a", "b")).toCompletableFuture().join();
    store.append(new byte[1], Set.of("a")).toCompletableFuture().join();
    store.queue("a").commit(0);
    store.table("t").put("k", new byte[1]);
    store.hold();
    store.append(new byte[1], Set.of("a"));
    store.table("t").remove("k");
    FakeStore left = store.afterCrash();
    store.release();
    store.queue("a").commit(1);
    assertEquals(1, left.queue("a").pending());
    assertEquals(0, left.queue("a").committed());
    assertEquals(Set.of("k"), left.table("t").keys());
    assertEquals(2, left.append(new byte[1], Set.of("a")).toCompletableFuture().join());
  }
}
