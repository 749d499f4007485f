package io.gantry.store.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the tails of all queues share. When it is used up, the tails of the queues that
 * were not read for longest are given up, so that a receiver that is away for days does not hold
 * memory that those who are here need.
 */
final class TailBudget {

  private final long limit;
  private final Collection<StoredQueue> queues;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();

  // Owned by the writer thread.
  private long nextEviction;

  TailBudget(long limit, Collection<StoredQueue> queues) {
    this.limit = limit;
    this.queues = queues;
    this.nextEviction = limit;
  }

  void count(long bytes) {
    if (bytes != 0) {
      used.addAndGet(bytes);
    }
  }

  /** A stamp for a queue that is read now. */
  long stamp() {
    return reads.incrementAndGet();
  }

  /** Bytes in memory now. */
  long used() {
    return used.get();
  }

  /** Makes room if there is none; writer thread. */
  void keep() {
    if (used.get() <= nextEviction) {
      return;
    }
    record Candidate(StoredQueue queue, long lastRead) {}
    List<Candidate> oldestFirst = new ArrayList<>();
    queues.forEach(queue -> oldestFirst.add(new Candidate(queue, queue.lastRead())));
    oldestFirst.sort(Comparator.comparingLong(Candidate::lastRead));
    long target = limit - limit / 4;
    for (Candidate candidate : oldestFirst) {
      if (used.get() <= target) {
        break;
      }
      candidate.queue.giveUpTail();
    }
    // What cannot be given up (it was handed out already) must not make us look at every record.
    nextEviction = Math.max(limit, used.get() + limit / 4);
  }
}
