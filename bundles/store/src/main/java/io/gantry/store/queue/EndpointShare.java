package io.gantry.store.queue;

import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.store.writer.StoreBounds;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
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

  /** What the record had that was refused last, if none was taken since. */
  private volatile long refused;

  private volatile boolean told;

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
    if (waiting.addAndGet(bytes) < maxBytes && bytes < 0 && told) {
      LOG.info("{}: there is room again", endpoint);
      told = false;
    }
  }

  /** By how much it would be too much with so many bytes more; 0 when it would not. */
  long excess(long bytes) {
    return Math.max(0, waiting.get() + bytes - maxBytes);
  }

  /** Refuses when so many bytes more would be too much. */
  void require(long bytes) throws StoreException {
    if (excess(bytes) > 0) {
      refused = bytes;
      String text = limitReached();
      if (!told) {
        LOG.error("{}", text);
        told = true;
      }
      throw new StoreException(Kind.FULL, text);
    }
    refused = 0;
  }

  private String limitReached() {
    return endpoint
        + ": its share of the store is full, "
        + waiting.get()
        + " of "
        + maxBytes
        + " bytes wait for it; more is refused until it catches up";
  }

  /** What operators should know; empty when all is well. */
  Optional<String> warning() {
    long wanted = refused;
    if (wanted > 0 && excess(wanted) > 0) {
      return Optional.of(limitReached());
    }
    long now = waiting.get();
    return bounds.isMuch(now, maxBytes)
        ? Optional.of(
            endpoint
                + ": its share of the store fills, "
                + now
                + " of "
                + maxBytes
                + " bytes wait for it")
        : Optional.empty();
  }
}
