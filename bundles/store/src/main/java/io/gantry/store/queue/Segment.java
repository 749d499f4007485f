package io.gantry.store.queue;

import io.gantry.store.segment.SparseIndex;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log as its readers see it. Which queues it holds records of is filled in when it
 * is full; until then each queue knows its own last offset.
 *
 * <p>Changed by the writer thread, read by any.
 */
final class Segment {

  private final Path path;
  private final long firstOffset;
  private final SparseIndex index;
  private final Map<StoredQueue, Long> lastOffsets = new ConcurrentHashMap<>();
  private volatile long readableEnd;
  private volatile long lastOffset = Long.MAX_VALUE;
  private volatile boolean sealed;
  private long damageSeen = -1;

  /** A queue that needed us when we asked last: asked first the next time. Writer thread. */
  private @Nullable StoredQueue blocker;

  Segment(Path path, long firstOffset, SparseIndex index) {
    this.path = path;
    this.firstOffset = firstOffset;
    this.index = index;
  }

  Path path() {
    return path;
  }

  /** The file beside it that says what is in it. */
  Path indexPath() {
    return SegmentIndex.beside(path);
  }

  /** No record in it has a smaller offset. */
  long firstOffset() {
    return firstOffset;
  }

  SparseIndex index() {
    return index;
  }

  /** Records up to this position may be read. */
  long readableEnd() {
    return readableEnd;
  }

  void readableEnd(long end) {
    readableEnd = end;
  }

  /** No record in it has a larger offset. */
  long lastOffset() {
    return lastOffset;
  }

  void refer(StoredQueue queue, long last) {
    lastOffsets.put(queue, last);
  }

  void forget(StoredQueue queue) {
    lastOffsets.remove(queue);
  }

  /** Nothing is written to it any more; the queues were filled in. */
  void seal(long last) {
    lastOffset = last;
    sealed = true;
  }

  /** Whether some queue still needs a record in it; the file being written always is needed. */
  boolean isNeeded() {
    if (!sealed) {
      return true;
    }
    if (blocker != null && isBehind(blocker, lastOffsets.get(blocker))) {
      return true;
    }
    blocker = null;
    for (Map.Entry<StoredQueue, Long> entry : lastOffsets.entrySet()) {
      if (isBehind(entry.getKey(), entry.getValue())) {
        blocker = entry.getKey();
        return true;
      }
      lastOffsets.remove(entry.getKey());
    }
    return false;
  }

  private static boolean isBehind(StoredQueue queue, @Nullable Long last) {
    return last != null && queue.safelyCommitted() < last;
  }

  /** Whether it may hold records of the queue at or behind the offset. */
  boolean mayHold(StoredQueue queue, long offset) {
    if (!sealed) {
      return true;
    }
    Long last = lastOffsets.get(queue);
    return last != null && last >= offset;
  }

  /** Notes damage that a reader met; false when it is known already. Readers come in any order. */
  synchronized boolean damagedAt(long position) {
    boolean news = position > damageSeen;
    damageSeen = Math.max(damageSeen, position);
    return news;
  }
}
