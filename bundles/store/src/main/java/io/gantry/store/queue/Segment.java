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

  /** Bytes of its records, once for each queue. Not changed once it is full. */
  private long referred;

  /** A queue that needed us when we asked last: asked first the next time. */
  private volatile @Nullable StoredQueue blocker;

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
    referred += share.bytes();
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
    StoredQueue last = blocker;
    if (last != null && isBehind(last, shares.get(last))) {
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
    return share != null && share.isNeeded(queue);
  }

  /** How many of its bytes some queue still needs at most, except for what decayed. */
  long live() {
    return Math.min(needed(), readableEnd);
  }

  /**
   * About how many of its bytes some queue still needs: as if all its records had as many queues.
   * Right at least when it was merged: then all of it is needed.
   */
  long likelyLive() {
    long needed = needed();
    return referred <= readableEnd
        ? Math.min(needed, readableEnd)
        : (long) ((double) needed / referred * readableEnd);
  }

  /** A record that several queues need counts for each of them. */
  private long needed() {
    long needed = 0;
    for (Map.Entry<StoredQueue, Share> entry : shares.entrySet()) {
      needed += entry.getValue().live(entry.getKey());
    }
    return needed;
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
