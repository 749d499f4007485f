package io.gantry.routing.pump;

import io.gantry.routing.pump.InFlight.Status;
import io.gantry.spi.metrics.DropReason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one priority on their way to one endpoint: those that wait, in their order, and
 * those that were taken and are not done yet. Owned by the pump, except where noted.
 */
abstract class Lane {

  private final int priority;
  private final Deque<InFlight> taken = new ArrayDeque<>();
  private @Nullable InFlight head;
  private volatile boolean mayHaveMore = true;

  Lane(int priority) {
    this.priority = priority;
  }

  /** The smaller, the sooner. */
  int priority() {
    return priority;
  }

  /** Something was added. Any thread. */
  void added() {
    mayHaveMore = true;
  }

  /** Whether something may have been added since the lane was found empty. */
  boolean mayHaveMore() {
    return mayHaveMore;
  }

  /** The next message that waits; null when there is none now. */
  @Nullable InFlight peek() throws IOException {
    if (head == null && mayHaveMore) {
      // First, or what is added meanwhile would be forgotten.
      mayHaveMore = false;
      boolean isEmpty = false;
      try {
        head = read();
        isEmpty = head == null;
      } finally {
        mayHaveMore |= !isEmpty;
      }
    }
    return head;
  }

  /** Takes the message that {@link #peek} has shown. */
  void take() {
    if (head == null) {
      throw new IllegalStateException("nothing was shown that could be taken");
    }
    taken.add(head);
    head = null;
  }

  /** What was taken and is not committed, in order. */
  Iterable<InFlight> taken() {
    return taken;
  }

  /** How many these are. */
  int size() {
    return taken.size();
  }

  /** Forgets the messages at the front that are done. */
  void commit() {
    InFlight last = null;
    while (!taken.isEmpty() && taken.peekFirst().status() == Status.DONE) {
      last = taken.removeFirst();
      forget(last);
    }
    if (last != null) {
      commit(last.offset());
    }
  }

  /** Forgets all that waits and all that was taken; answers to it come too late. */
  long clear() {
    long count = pending();
    taken.forEach(InFlight::done);
    taken.forEach(this::forget);
    taken.clear();
    if (head != null) {
      forget(head);
      head = null;
    }
    clearWaiting();
    return count;
  }

  /**
   * Drops what expired before anybody could take it: what was taken and came back, and what is
   * first in line behind. What waits behind a message that lives is looked at when it is its turn.
   *
   * @param most so many at a time
   * @return whether there may be more
   */
  boolean expire(long now, int most, Counter counter) throws IOException {
    for (InFlight message : taken) {
      if (message.status() == Status.WAITING && message.isExpired(now)) {
        message.done();
        counter.dropped(DropReason.TTL_EXPIRY);
      }
    }
    int dropped = 0;
    InFlight next = peek();
    while (dropped < most && next != null && (next.message() == null || next.isExpired(now))) {
      counter.dropped(next.message() == null ? DropReason.CORRUPT : DropReason.TTL_EXPIRY);
      next.done();
      take();
      dropped++;
      next = peek();
    }
    commit();
    return dropped == most;
  }

  /** Is told of messages that are not delivered. */
  interface Counter {
    void dropped(DropReason reason);
  }

  /** The next message that waits, which is then not returned again; null when there is none. */
  abstract @Nullable InFlight read() throws IOException;

  /** A message that was read is done for good. */
  abstract void forget(InFlight message);

  /** All messages up to this one are done for good. */
  abstract void commit(long offset);

  /** Forgets all that waits. */
  abstract void clearWaiting();

  /** How many messages wait or are under way. Any thread. */
  abstract long pending();

  /** How many bytes these have. Any thread. */
  abstract long pendingBytes();

  /** Ends; nobody is told of what is added from now on. Any thread. */
  abstract void close();
}
