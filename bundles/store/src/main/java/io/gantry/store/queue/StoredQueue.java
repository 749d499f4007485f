package io.gantry.store.queue;

import io.gantry.spi.store.MessageQueue;
import io.gantry.store.queue.QueueState.Position;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue: its position, and the tail of its records in memory. As long as the tail is complete a
 * reader never touches the disk. When memory is short, the part of the tail that was not read yet
 * is given up: it has a gap from there on, which the reader fills from disk block by block, until
 * it has caught up with the writer and the tail is complete again.
 *
 * <p>The writer thread adds, one reader reads and commits; the lock is held for moments and never
 * while calling out.
 */
final class StoredQueue implements MessageQueue {

  private static final Logger LOG = LoggerFactory.getLogger(StoredQueue.class);
  private static final long NO_GAP = Long.MAX_VALUE;
  private static final int REFILL_BYTES = 256 * 1024;

  private final QueueLog log;
  private final TailBudget budget;
  private final EndpointShare endpoint;
  private final String name;
  private final AtomicBoolean checkpointDue = new AtomicBoolean();
  private volatile Runnable listener = () -> {};
  private volatile long committed = -1;
  private volatile long lastRead;
  private volatile long safelyCommitted = -1;
  private volatile boolean removed;

  // Guarded by this.
  private final QueueTail tail = new QueueTail();
  private long gapFrom = NO_GAP;
  private ScanPosition gapPosition = ScanPosition.UNKNOWN;
  private long scannedTo = -1;
  private long handedOut = -1;
  private long lastDurable = -1;
  private Amount durable = Amount.NONE;
  private Amount consumed = Amount.NONE;
  private long counted;
  private boolean hungry = true;

  // Owned by the writer thread.
  private volatile int id;
  private long lastWritten = -1;
  private Amount written = Amount.NONE;
  private Amount beforeFile = Amount.NONE;

  StoredQueue(QueueLog log, TailBudget budget, EndpointShare endpoint, String name) {
    this.log = log;
    this.budget = budget;
    this.endpoint = endpoint;
    this.name = name;
    endpoint.add(this);
  }

  /** As recovery has found it; before anybody else knows it. */
  static StoredQueue recovered(
      QueueLog log, TailBudget budget, EndpointShare endpoint, QueueState state, Amount inLast) {
    StoredQueue queue = new StoredQueue(log, budget, endpoint, state.name());
    queue.restore(state, inLast);
    return queue;
  }

  private synchronized void restore(QueueState state, Amount inLast) {
    id = state.id();
    committed = state.position().committed();
    safelyCommitted = committed;
    consumed = state.position().consumed();
    written = state.appended();
    beforeFile = written.minus(inLast);
    durable = written;
    lastWritten = state.last();
    lastDurable = lastWritten;
    handedOut = committed;
    gapFrom = lastDurable > committed ? committed + 1 : NO_GAP;
    tellEndpoint();
  }

  /** What waits has changed; under the lock. */
  private void tellEndpoint() {
    long waiting = durable.minus(consumed).bytes();
    if (waiting != counted) {
      endpoint.count(waiting - counted);
      counted = waiting;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Entry> read(long after, int maxEntries, int maxBytes) throws IOException {
    long from = Math.max(after, committed);
    lastRead = budget.stamp();
    while (true) {
      long scanFrom;
      ScanPosition scanAt;
      synchronized (this) {
        List<Entry> entries = tail.after(from, maxEntries, maxBytes);
        hungry = entries.isEmpty() && gapFrom == NO_GAP;
        if (!entries.isEmpty() || hungry) {
          handedOut = entries.isEmpty() ? handedOut : last(entries);
          return entries;
        }
        scanFrom = gapFrom;
        scanAt = gapPosition;
      }
      fill(log.scan(this, scanFrom, scanAt, REFILL_BYTES), scanFrom);
    }
  }

  private static long last(List<Entry> entries) {
    return entries.get(entries.size() - 1).offset();
  }

  private synchronized void fill(Scan scan, long scannedFrom) {
    if (removed || gapFrom < scannedFrom) {
      // Given up meanwhile, from earlier on than what was scanned.
      return;
    }
    long before = tail.bytes();
    for (Entry entry : scan.entries()) {
      if (entry.offset() > committed) {
        tail.add(entry);
      }
    }
    budget.count(tail.bytes() - before);
    scannedTo = scan.nextOffset() - 1;
    boolean caughtUp = lastDurable <= scannedTo;
    gapFrom = caughtUp ? NO_GAP : scan.nextOffset();
    gapPosition = scan.nextPosition();
    if (caughtUp) {
      // Records that decayed do not wait any more.
      consumed = durable.minus(tail.amount());
      tellEndpoint();
    }
  }

  /** A record of this queue is durable; writer thread, in order. */
  void appended(Entry entry) {
    boolean wake;
    synchronized (this) {
      lastDurable = entry.offset();
      durable = durable.plusOne(entry.record().length);
      if (removed || entry.offset() <= committed) {
        consumed = consumed.plusOne(entry.record().length);
      } else if (entry.offset() > scannedTo && gapFrom == NO_GAP) {
        tail.add(entry);
        budget.count(QueueTail.cost(entry));
      }
      tellEndpoint();
      wake = hungry;
      hungry = false;
    }
    if (wake) {
      tellListener();
    }
  }

  /** The record has other queues and a stage that must hear of it, whatever happens here. */
  private void tellListener() {
    try {
      listener.run();
    } catch (RuntimeException | Error problem) {
      LOG.error("The listener of {} failed", this, problem);
    }
  }

  /** Forgets what was not handed out yet; it is on disk. Writer thread. */
  synchronized void giveUpTail() {
    long before = tail.bytes();
    long first = tail.removeBehind(Math.max(handedOut, committed));
    budget.count(tail.bytes() - before);
    if (first >= 0) {
      gapFrom = first;
      gapPosition = ScanPosition.UNKNOWN;
    }
  }

  @Override
  public void commit(long upTo) {
    // What is not there yet cannot be done.
    long offset = Math.min(upTo, log.durableOffset());
    boolean moved = false;
    while (!moved && offset > committed) {
      long before = committed;
      Amount skipped = countInGap(offset);
      moved = move(before, offset, skipped);
    }
    if (moved) {
      saveSoon();
    }
  }

  private void saveSoon() {
    if (checkpointDue.compareAndSet(false, true)) {
      log.checkpoint(this);
    }
  }

  /** Moves the position; false when the writer has dropped records meanwhile. */
  private synchronized boolean move(long before, long offset, Amount skipped) {
    if (committed != before) {
      return false;
    }
    Amount read = forget(offset);
    consumed = offset >= lastDurable ? durable : consumed.plus(read).plus(skipped);
    tellEndpoint();
    return true;
  }

  private Amount forget(long offset) {
    long before = tail.bytes();
    Amount read = tail.removeUpTo(offset);
    budget.count(tail.bytes() - before);
    committed = offset;
    if (gapFrom <= offset) {
      gapFrom = offset >= lastDurable ? NO_GAP : offset + 1;
      gapPosition = ScanPosition.UNKNOWN;
      scannedTo = Math.max(scannedTo, offset);
    }
    return read;
  }

  /**
   * Drops what waits in a full file: there is no room for it any more. Writer thread.
   *
   * @return how many records that were
   */
  long drop(Share share) {
    long dropped;
    synchronized (this) {
      if (share.last() <= committed || removed) {
        return 0;
      }
      dropped = share.end().minus(consumed).count();
      consumed = share.end();
      forget(share.last());
      tellEndpoint();
    }
    saveSoon();
    return dropped;
  }

  /** Records that are committed without having been read: only then the disk is asked. */
  private Amount countInGap(long offset) {
    long from;
    synchronized (this) {
      if (gapFrom > offset || offset >= lastDurable) {
        return Amount.NONE;
      }
      from = gapFrom;
    }
    return log.count(this, from, offset);
  }

  @Override
  public long committed() {
    return committed;
  }

  @Override
  public synchronized long pending() {
    return durable.minus(consumed).count();
  }

  @Override
  public synchronized long pendingBytes() {
    return durable.minus(consumed).bytes();
  }

  @Override
  public void onAppend(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public void remove() {
    log.remove(this);
  }

  @Override
  public String toString() {
    return "queue " + name;
  }

  // ---- for the log

  /** Reads are counted: the larger, the later. */
  long lastRead() {
    return lastRead;
  }

  /** The checkpoint that was due is being written: a commit from now on needs another one. */
  synchronized Position checkpointTaken() {
    checkpointDue.set(false);
    return position();
  }

  private synchronized Position position() {
    return new Position(committed, consumed);
  }

  /** What of the position is durable. */
  long safelyCommitted() {
    return safelyCommitted;
  }

  /** The position is durable up to here; writer thread. */
  void checkpointed(long offset) {
    safelyCommitted = Math.max(safelyCommitted, offset);
  }

  /** What of it is durable. Any thread. */
  synchronized QueueState durableState() {
    return new QueueState(id, name, position(), durable, lastDurable);
  }

  /** What of all its records is done. */
  synchronized Amount consumed() {
    return consumed;
  }

  boolean isRemoved() {
    return removed;
  }

  /** From now on nothing is written to it; any thread. */
  synchronized void removed() {
    removed = true;
    budget.count(-tail.bytes());
    tail.removeBehind(-1);
    gapFrom = NO_GAP;
    consumed = durable;
    tellEndpoint();
    endpoint.remove(this);
  }

  // ---- writer thread only

  /** The number that stands for the name on disk; 0 while it is not written. Any thread. */
  int id() {
    return id;
  }

  void id(int newId) {
    id = newId;
  }

  QueueState state() {
    return state(id);
  }

  /** As {@link #state()}, for the id that the queue will get. */
  QueueState state(int futureId) {
    return new QueueState(futureId, name, position(), written, lastWritten);
  }

  long lastWritten() {
    return lastWritten;
  }

  void written(long offset, long length) {
    lastWritten = offset;
    written = written.plusOne(length);
  }

  /** What of it is in the file that is being written, which must not be empty. */
  Share share() {
    return new Share(lastWritten, written.minus(beforeFile), written);
  }

  /** A new file was begun. */
  void rolled() {
    beforeFile = written;
  }

  /** What its receiver may occupy. */
  EndpointShare endpoint() {
    return endpoint;
  }

  /** What was written but is not durable is gone. */
  synchronized void unwritten() {
    lastWritten = lastDurable;
    written = durable;
  }
}
