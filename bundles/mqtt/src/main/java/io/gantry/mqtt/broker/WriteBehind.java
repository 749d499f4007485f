package io.gantry.mqtt.broker;

import io.gantry.spi.store.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a table without waiting, one value at a time for each key and only the newest of those
 * that came meanwhile: a client that publishes a retained message a thousand times a second costs
 * the disk one write after the other, not a thousand. Used on the event loop only.
 */
final class WriteBehind {

  private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

  private final String name;
  private final Table table;
  private final Executor loop;
  private final Map<String, Optional<byte[]>> next = new LinkedHashMap<>();
  private final Map<String, Optional<byte[]>> writing = new LinkedHashMap<>();

  WriteBehind(String name, Table table, Executor loop) {
    this.name = name;
    this.table = table;
    this.loop = loop;
  }

  /** Sets a value, or removes the key. */
  void set(String key, Optional<byte[]> value) {
    if (writing.containsKey(key)) {
      next.put(key, value);
      return;
    }
    if (value.isEmpty() && table.get(key).isEmpty()) {
      return;
    }
    writing.put(key, value);
    CompletionStage<Void> written =
        value.isPresent() ? table.put(key, value.get()) : table.remove(key);
    written.whenComplete((nothing, failure) -> loop.execute(() -> written(key, failure)));
  }

  private void written(String key, Throwable failure) {
    writing.remove(key);
    if (failure != null) {
      LOG.warn(
          "table {}: an entry was not written, after a restart it is as it was before: {}",
          name,
          failure.toString());
    }
    Optional<byte[]> newer = next.remove(key);
    if (newer != null) {
      set(key, newer);
    }
  }
}
