package io.gantry.store.queue;

import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.store.writer.StoreBounds;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one receiver, in all its queues, and what it may be: a receiver that is away for
 * days must leave room for the others. Safe for use by any number of threads.
 */
final class EndpointShare {

  private static final Logger LOG = LoggerFactory.getLogger(EndpointShare.class);

  private final String endpoint;
  private final StoreBounds bounds;
  private final long maxBytes;
  private final List<StoredQueue> queues = new CopyOnWriteArrayList<>();
  private final AtomicLong waiting = new AtomicLong();
  private volatile @Nullable String problem;

  EndpointShare(String endpoint, StoreBounds bounds) {
    this.endpoint = endpoint;
    this.bounds = bounds;
    this.maxBytes = bounds.endpointBytes();
  }

  /** The receiver that a queue belongs to. */
  static String endpoint(String queue) {
    int end = queue.lastIndexOf('#');
    return end < 0 ? queue : queue.substring(0, end);
  }

  void add(StoredQueue queue) {
    queues.add(queue);
  }

  void remove(StoredQueue queue) {
    queues.remove(queue);
  }

  List<StoredQueue> queues() {
    return queues;
  }

  /** More waits, or (negative) less. */
  void count(long bytes) {
    if (waiting.addAndGet(bytes) < maxBytes && bytes < 0 && problem != null) {
      LOG.info("{}: there is room again", endpoint);
      problem = null;
    }
  }

  /** By how much it would be too much with so many bytes more; 0 when it would not. */
  long excess(long bytes) {
    return Math.max(0, waiting.get() + bytes - maxBytes);
  }

  /** Refuses when so many bytes more would be too much. */
  void require(long bytes) throws StoreException {
    if (excess(bytes) > 0) {
      throw new StoreException(Kind.FULL, limitReached());
    }
  }

  private String limitReached() {
    String known = problem;
    if (known != null) {
      return known;
    }
    String text =
        endpoint
            + ": its share of the store is full, "
            + waiting.get()
            + " of "
            + maxBytes
            + " bytes wait for it; more is refused until it catches up";
    LOG.error("{}", text);
    problem = text;
    return text;
  }

  /** What operators should know; empty when all is well. */
  Optional<String> warning() {
    String full = problem;
    long now = waiting.get();
    if (full == null && bounds.isMuch(now, maxBytes)) {
      return Optional.of(
          endpoint
              + ": its share of the store fills, "
              + now
              + " of "
              + maxBytes
              + " bytes wait for it");
    }
    return Optional.ofNullable(full);
  }
}
