package io.gantry.store.queue;

import io.gantry.spi.store.MessageQueue;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One queue: its position, and the tail of its records in memory. As long as the tail is complete a
 * reader never touches the disk. When it would grow over its share of memory, further records are
 * left on disk: the tail has a gap from there on, which the reader fills block by block, until it
 * has caught up with the writer and the tail is complete again.
 *
 * <p>The writer thread adds, one reader reads and commits; the lock is held for moments and never
 * while calling out.
 */
final class StoredQueue implements MessageQueue {

  private static final long NO_GAP = Long.MAX_VALUE;
  private static final int REFILL_BYTES = 256 * 1024;

  private final QueueLog log;
  private final String name;
  private final AtomicBoolean checkpointDue = new AtomicBoolean();
  private volatile Runnable listener = () -> {};
  private volatile long committed = -1;
  private volatile long pending;

  // Guarded by this.
  private final QueueTail tail = new QueueTail();
  private long gapFrom = NO_GAP;
  private ScanPosition gapPosition = ScanPosition.UNKNOWN;
  private long scannedTo = -1;
  private long lastDurable = -1;
  private boolean hungry = true;

  // Owned by the writer thread.
  private int id;
  private long lastWritten = -1;
  private long lastSafe = -1;

  StoredQueue(QueueLog log, String name) {
    this.log = log;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Entry> read(long after, int maxEntries, int maxBytes) throws IOException {
    long from = Math.max(after, committed);
    while (true) {
      long scanFrom;
      ScanPosition scanAt;
      synchronized (this) {
        List<Entry> entries = tail.after(from, maxEntries, maxBytes);
        hungry = entries.isEmpty() && gapFrom == NO_GAP;
        if (!entries.isEmpty() || hungry) {
          return entries;
        }
        scanFrom = gapFrom;
        scanAt = gapPosition;
      }
      fill(log.scan(this, scanFrom, scanAt, REFILL_BYTES));
    }
  }

  private synchronized void fill(Scan scan) {
    for (Entry entry : scan.entries()) {
      if (entry.offset() > committed) {
        tail.add(entry);
      }
    }
    scannedTo = scan.nextOffset() - 1;
    boolean caughtUp = lastDurable <= scannedTo;
    gapFrom = caughtUp ? NO_GAP : scan.nextOffset();
    gapPosition = scan.nextPosition();
  }

  /** A record of this queue is durable; writer thread, in order. */
  void appended(Entry entry, ScanPosition position) {
    boolean wake;
    synchronized (this) {
      lastDurable = entry.offset();
      pending++;
      if (entry.offset() > scannedTo && gapFrom == NO_GAP) {
        if (tail.bytes() + QueueTail.cost(entry) <= log.tailShare() || tail.size() == 0) {
          tail.add(entry);
        } else {
          gapFrom = entry.offset();
          gapPosition = position;
        }
      }
      wake = hungry;
      hungry = false;
    }
    if (wake) {
      listener.run();
    }
  }

  @Override
  public void commit(long offset) {
    if (offset <= committed) {
      return;
    }
    long skipped = countInGap(offset);
    synchronized (this) {
      pending -= tail.removeUpTo(offset) + skipped;
      committed = offset;
      if (gapFrom <= offset) {
        gapFrom = offset + 1 > lastDurable ? NO_GAP : offset + 1;
      }
    }
    if (checkpointDue.compareAndSet(false, true)) {
      log.checkpoint(this);
    }
  }

  /** Records that are committed without having been read: only then the disk is asked. */
  private long countInGap(long offset) {
    long from;
    ScanPosition position;
    synchronized (this) {
      if (gapFrom > offset) {
        return 0;
      }
      from = gapFrom;
      position = gapPosition;
    }
    return log.count(this, from, position, offset);
  }

  @Override
  public long committed() {
    return committed;
  }

  @Override
  public long pending() {
    return pending;
  }

  @Override
  public void onAppend(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public void remove() {
    log.remove(this);
  }

  /** The checkpoint that was due is being written: a commit from now on needs another one. */
  void checkpointTaken() {
    checkpointDue.set(false);
  }

  /** What recovery found; before anybody else knows this queue. */
  synchronized void recovered(long lastOffset, long waiting) {
    lastDurable = lastOffset;
    lastWritten = lastOffset;
    lastSafe = lastOffset;
    pending = waiting;
    gapFrom = waiting > 0 ? committed + 1 : NO_GAP;
  }

  void recoverCommitted(long offset) {
    committed = Math.max(committed, offset);
  }

  int id() {
    return id;
  }

  /** The number that stands for the name on disk; 0 while it is not written. */
  void id(int newId) {
    id = newId;
  }

  long lastWritten() {
    return lastWritten;
  }

  void written(long offset) {
    lastWritten = offset;
  }

  /** What was written is safe. */
  void safe() {
    lastSafe = lastWritten;
  }

  /** What was written since {@link #safe} is gone. */
  void unwritten() {
    lastWritten = lastSafe;
  }

  @Override
  public String toString() {
    return "queue " + name;
  }
}
