package io.gantry.store.queue;

import io.gantry.spi.store.QueueTarget;
import java.util.Arrays;
import java.util.function.Function;

/** The queues that a record is appended to, each once, and when it expires there. */
final class Targets implements LogRecord.References {

  private final StoredQueue[] queues;
  private final long[] expiresAt;

  private Targets(StoredQueue[] queues, long[] expiresAt) {
    this.queues = queues;
    this.expiresAt = expiresAt;
  }

  /**
   * @param named finds a queue
   * @param latest no record may expire later
   */
  static Targets of(QueueTarget[] targets, Function<String, StoredQueue> named, long latest) {
    StoredQueue[] queues = new StoredQueue[targets.length];
    long[] expiresAt = new long[targets.length];
    int count = 0;
    for (QueueTarget target : targets) {
      StoredQueue queue = named.apply(target.queue());
      if (!contains(queues, count, queue)) {
        queues[count] = queue;
        expiresAt[count++] = Math.min(target.expiresAt(), latest);
      }
    }
    if (count < queues.length) {
      queues = Arrays.copyOf(queues, count);
    }
    return new Targets(queues, expiresAt);
  }

  private static boolean contains(StoredQueue[] queues, int count, StoredQueue queue) {
    for (int i = 0; i < count; i++) {
      if (queues[i] == queue) {
        return true;
      }
    }
    return false;
  }

  StoredQueue[] queues() {
    return queues;
  }

  long expiresAt(int index) {
    return expiresAt[index];
  }

  @Override
  public int size() {
    return queues.length;
  }

  @Override
  public int id(int index) {
    return queues[index].id();
  }

  @Override
  public int expiry(int index) {
    return LogRecord.expiry(expiresAt[index]);
  }
}
