package io.gantry.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.StoreException;
import io.gantry.testkit.store.FakeStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whoever waits for a row is told of it, whatever becomes of it. */
class WriteBehindTest {

  private final FakeStore store = new FakeStore();
  private final Deque<Runnable> loop = new ArrayDeque<>();
  private final WriteBehind rows = new WriteBehind("rows", store.table("rows"), loop::add);
  private final List<Boolean> stored = new ArrayList<>();

  private void set(String key) {
    rows.set(key, Optional.of(new byte[] {(byte) stored.size()}));
    rows.whenWritten(key, result -> stored.add(result instanceof SendResult.Accepted));
  }

  private List<Boolean> stored() {
    for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
      task.run();
    }
    return stored;
  }

  @Test
  void whatComesWhileARowIsWrittenIsToldOfTheNextOne() {
    store.hold();
    set("a");
    set("a");
    assertEquals(List.of(), stored());
    store.releaseNext();
    assertEquals(List.of(true), stored());
    store.releaseNext();
    assertEquals(List.of(true, true), stored());
  }

  @Test
  void whatIsRefusedIsToldAndTheNextOneWritten() {
    store.hold();
    set("a");
    store.refuse(StoreException.Kind.FULL);
    set("a");
    store.release();
    assertEquals(List.of(true, false), stored());
    store.refuse(null);
    set("a");
    assertEquals(List.of(true, false, true), stored());
  }

  /** A topic may be longer than what the table takes as a key. */
  @Test
  void aKeyThatIsTooLongHoldsUpNobodyWhoComesWithItAgain() {
    String topic = "t".repeat(20_000);
    set(topic);
    set(topic);
    assertEquals(List.of(false, false), stored());
    set("a");
    assertEquals(List.of(false, false, true), stored());
  }
}
