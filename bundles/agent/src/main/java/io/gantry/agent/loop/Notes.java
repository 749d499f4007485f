package io.gantry.agent.loop;

import io.gantry.spi.store.Table;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into a table. What nobody waits for is a note: one that fails is made again with each
 * turn, until it succeeds or something else is written in its place. A disk that is full has room
 * again some day; without that the next start would find what has not been true since. Used by the
 * agent's executor only; the table answers on any thread.
 */
final class Notes {

  private static final Logger LOG = LoggerFactory.getLogger(Notes.class);

  private final Table table;
  private final Map<String, Write> open = new ConcurrentHashMap<>();

  /** The last one of its key, as long as it has not succeeded. */
  private static final class Write {

    private final Optional<byte[]> value;
    private final Optional<String> note;
    private final boolean isFirst;
    private volatile boolean failed;

    Write(Optional<byte[]> value, Optional<String> note, boolean isFirst) {
      this.value = value;
      this.note = note;
      this.isFirst = isFirst;
    }
  }

  Notes(Table table) {
    this.table = table;
  }

  /** Somebody waits for it, and knows himself what to do when it fails. */
  CompletionStage<Void> put(String key, byte[] value) {
    return begin(key, new Write(Optional.of(value), Optional.empty(), true));
  }

  /**
   * Writes a value, or removes it.
   *
   * @param what for the log: {@code forget the orderly stop}
   */
  CompletionStage<Void> note(String what, String key, Optional<byte[]> value) {
    return begin(key, new Write(value, Optional.of(what), true));
  }

  /** Whether this is what the table has and will have. */
  boolean isKept(String key, Optional<byte[]> value) {
    return !open.containsKey(key)
        && table
            .get(key)
            .map(kept -> value.filter(wanted -> Arrays.equals(wanted, kept)).isPresent())
            .orElseGet(value::isEmpty);
  }

  /** What has failed is made again. */
  void tryAgain() {
    open.forEach(
        (key, write) -> {
          if (write.failed) {
            begin(key, new Write(write.value, write.note, false));
          }
        });
  }

  private CompletionStage<Void> begin(String key, Write write) {
    open.put(key, write);
    CompletionStage<Void> written =
        write.value.map(bytes -> table.put(key, bytes)).orElseGet(() -> table.remove(key));
    written.whenComplete((done, failure) -> ended(key, write, Optional.ofNullable(failure)));
    return written;
  }

  private void ended(String key, Write write, Optional<Throwable> failure) {
    if (failure.isEmpty() || write.note.isEmpty()) {
      open.remove(key, write);
      return;
    }
    write.failed = true;
    if (write.isFirst) {
      LOG.warn(
          "AGENT-09 cannot {}; it is tried again, and counts for the next start when it succeeds:"
              + " {}",
          write.note.get(),
          failure.get().toString());
    }
  }
}
