package io.gantry.mqtt.broker;

import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a table without waiting, one value at a time for each key and only the newest of those
 * that came meanwhile: a client that publishes a retained message a thousand times a second costs
 * the disk one write after the other, not a thousand. Whoever must not go on before a value is
 * durable is told. Used on the event loop only.
 */
final class WriteBehind {

  private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

  /** What is being written of one key, and what comes after it. */
  private static final class Slot {
    private List<Consumer<SendResult>> waiting = new ArrayList<>();
    private List<Consumer<SendResult>> waitingForNext = new ArrayList<>();
    private @Nullable Optional<byte[]> next;
  }

  private final String name;
  private final Table table;
  private final Executor loop;
  private final Map<String, Slot> writing = new HashMap<>();

  WriteBehind(String name, Table table, Executor loop) {
    this.name = name;
    this.table = table;
    this.loop = loop;
  }

  /** Sets a value, or removes the key. */
  void set(String key, Optional<byte[]> value) {
    Slot slot = writing.get(key);
    if (slot != null) {
      slot.next = value;
    } else if (!isThere(key, value)) {
      Slot begun = new Slot();
      writing.put(key, begun);
      write(key, begun, value);
    }
  }

  private boolean isThere(String key, Optional<byte[]> value) {
    Optional<byte[]> present = table.get(key);
    return value.isPresent()
        ? present.isPresent() && Arrays.equals(present.get(), value.get())
        : present.isEmpty();
  }

  private void write(String key, Slot slot, Optional<byte[]> value) {
    change(key, value)
        .whenComplete((nothing, failure) -> loop.execute(() -> written(key, slot, failure)));
  }

  /** What the table does not take is answered as well: whoever comes next would wait for it. */
  private CompletionStage<Void> change(String key, Optional<byte[]> value) {
    try {
      return value.isPresent() ? table.put(key, value.get()) : table.remove(key);
    } catch (IllegalArgumentException tooLong) {
      return CompletableFuture.failedFuture(tooLong);
    }
  }

  /** Tells when the value that was set last, or a later one, is durable, or why it is not. */
  void whenWritten(String key, Consumer<SendResult> written) {
    Slot slot = writing.get(key);
    if (slot == null) {
      written.accept(SendResult.Accepted.INSTANCE);
    } else if (slot.next == null) {
      slot.waiting.add(written);
    } else {
      slot.waitingForNext.add(written);
    }
  }

  private void written(String key, Slot slot, @Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn(
          "table {}: an entry was not written, after a restart it is as it was before: {}",
          name,
          failure.toString());
    }
    List<Consumer<SendResult>> told = slot.waiting;
    slot.waiting = slot.waitingForNext;
    slot.waitingForNext = new ArrayList<>();
    Optional<byte[]> newer = slot.next;
    slot.next = null;
    if (newer != null) {
      write(key, slot, newer);
    } else {
      writing.remove(key);
    }
    SendResult result =
        failure == null ? SendResult.Accepted.INSTANCE : SendResult.Rejected.notStored(failure);
    told.forEach(waiting -> waiting.accept(result));
  }
}
