package io.gantry.routing.pump;

import io.gantry.spi.routing.RoutedMessage;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait in memory, up to a bound, and are lost when the process ends: for routes that
 * say so.
 */
final class MemoryLane extends Lane {

  /** About what a message takes beside its bytes. */
  private static final int OVERHEAD = 256;

  private final long maxBytes;
  private final Runnable added;
  private final Queue<InFlight> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param maxBytes no more may wait or be under way
   * @param added is told, on the sender's thread, when something was added
   */
  MemoryLane(int priority, long maxBytes, Runnable added) {
    super(priority);
    this.maxBytes = maxBytes;
    this.added = added;
  }

  /** Adds a message; false when there is no room. Any thread. */
  boolean offer(RoutedMessage message, long expiresAt) {
    int size = message.message().size() + OVERHEAD;
    if (bytes.addAndGet(size) > maxBytes) {
      bytes.addAndGet(-size);
      return false;
    }
    count.incrementAndGet();
    waiting.add(new InFlight(0, size, message, expiresAt));
    if (!mayHaveMore()) {
      added();
      added.run();
    }
    return true;
  }

  @Override
  @Nullable InFlight read() {
    return waiting.poll();
  }

  @Override
  void forget(InFlight message) {
    bytes.addAndGet(-message.bytes());
    count.decrementAndGet();
  }

  @Override
  void commit(long offset) {
    // What was taken is here no more.
  }

  @Override
  void clearWaiting() {
    for (InFlight message = waiting.poll(); message != null; message = waiting.poll()) {
      forget(message);
    }
  }

  @Override
  long pending() {
    return count.get();
  }

  @Override
  long pendingBytes() {
    return bytes.get();
  }

  @Override
  void close() {
    // Nobody else holds it.
  }
}
