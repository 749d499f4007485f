package io.gantry.store.queue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One file of the log as its readers see it. The references of the file being written are filled in
 * when it is full; until then each queue knows its own last offset.
 *
 * <p>Changed by the writer thread, read by any.
 */
final class Segment {

  private final Path path;
  private final long firstOffset;
  private final Map<StoredQueue, Long> lastOffsets = new ConcurrentHashMap<>();
  private volatile long readableEnd;
  private volatile boolean sealed;

  Segment(Path path, long firstOffset) {
    this.path = path;
    this.firstOffset = firstOffset;
  }

  Path path() {
    return path;
  }

  /** No record in it has a smaller offset. */
  long firstOffset() {
    return firstOffset;
  }

  /** Records up to this position may be read. */
  long readableEnd() {
    return readableEnd;
  }

  void readableEnd(long end) {
    readableEnd = end;
  }

  void refer(StoredQueue queue, long lastOffset) {
    lastOffsets.merge(queue, lastOffset, Math::max);
  }

  void forget(StoredQueue queue) {
    lastOffsets.remove(queue);
  }

  void seal() {
    sealed = true;
  }

  /** Whether some queue still needs a record in it; the file being written always is needed. */
  boolean isNeeded() {
    if (!sealed) {
      return true;
    }
    lastOffsets.entrySet().removeIf(entry -> entry.getKey().committed() >= entry.getValue());
    return !lastOffsets.isEmpty();
  }

  /** Whether it may hold records of the queue at or behind the offset. */
  boolean mayHold(StoredQueue queue, long offset) {
    if (!sealed) {
      return true;
    }
    Long last = lastOffsets.get(queue);
    return last != null && last >= offset;
  }
}
