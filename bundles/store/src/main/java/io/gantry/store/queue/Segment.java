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
  private final Map<StoredQueue, Share> shares = new ConcurrentHashMap<>();
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

  void refer(StoredQueue queue, Share share) {
    shares.put(queue, share);
  }

  void forget(StoredQueue queue) {
    shares.remove(queue);
  }

  /** What it holds of each queue that may need it still; empty until it is full. */
  Map<StoredQueue, Share> shares() {
    return shares;
  }

  /** Nothing is written to it any more; the queues were filled in. */
  void seal(long last) {
    lastOffset = last;
    sealed = true;
  }

  boolean isSealed() {
    return sealed;
  }

  /** Whether some queue still needs a record in it; the file being written always is needed. */
  boolean isNeeded() {
    if (!sealed) {
      return true;
    }
    if (blocker != null && isBehind(blocker, shares.get(blocker))) {
      return true;
    }
    blocker = null;
    for (Map.Entry<StoredQueue, Share> entry : shares.entrySet()) {
      if (isBehind(entry.getKey(), entry.getValue())) {
        blocker = entry.getKey();
        return true;
      }
      shares.remove(entry.getKey());
    }
    return false;
  }

  private static boolean isBehind(StoredQueue queue, @Nullable Share share) {
    return share != null && queue.safelyCommitted() < share.last();
  }

  /** About how many of its bytes some queue still needs; not less, except by what decayed. */
  long live() {
    long live = 0;
    for (Map.Entry<StoredQueue, Share> entry : shares.entrySet()) {
      if (isBehind(entry.getKey(), entry.getValue())) {
        Amount behind = entry.getValue().behind(entry.getKey().consumed());
        live += behind.bytes() + behind.count() * LogRecord.SMALLEST;
      }
    }
    return Math.min(live, readableEnd);
  }

  /** Whether it may hold records of the queue at or behind the offset. */
  boolean mayHold(StoredQueue queue, long offset) {
    if (!sealed) {
      return true;
    }
    Share share = shares.get(queue);
    return share != null && share.last() >= offset;
  }

  /** Notes damage that a reader met; false when it is known already. Readers come in any order. */
  synchronized boolean damagedAt(long position) {
    boolean news = position > damageSeen;
    damageSeen = Math.max(damageSeen, position);
    return news;
  }
}
