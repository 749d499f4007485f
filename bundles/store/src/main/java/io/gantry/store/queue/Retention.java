package io.gantry.store.queue;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.StoreException;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.store.writer.StoreSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log within its bounds when a record is to be added: refuses it, or drops the oldest
 * records for it, a file at a time, as the operator has decided. Writer thread.
 */
final class Retention {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final Space space;
  private final LogFiles files;
  private final Drops drops;
  private final boolean drop;
  private final long comfortable;

  Retention(Space space, LogFiles files, StoreSettings settings, Drops drops) {
    this.space = space;
    this.files = files;
    this.drops = drops;
    this.drop = settings.bounds().whenFull() == WhenFull.DROP_OLDEST;
    // Files go a moment after their records are dropped: the bound is not reached meanwhile.
    this.comfortable = settings.bounds().maxBytes() - settings.segmentBytes();
  }

  /**
   * Makes room for a record, or refuses it.
   *
   * @param uncommitted what those before it add to the file
   * @param size what it adds to the file
   * @param length what it adds to each of the queues
   */
  void require(long uncommitted, long size, long length, StoredQueue[] queues)
      throws StoreException {
    if (drop) {
      makeRoom(uncommitted + size);
      for (StoredQueue queue : queues) {
        makeRoom(queue.endpoint(), length);
      }
    }
    space.require(uncommitted, size);
    for (StoredQueue queue : queues) {
      queue.endpoint().require(length);
    }
  }

  private void makeRoom(long bytes) {
    long excess = space.used() + bytes - comfortable;
    for (Segment segment : files.segments()) {
      if (excess <= 0 || !segment.isSealed()) {
        return;
      }
      segment.shares().forEach(this::drop);
      excess -= segment.readableEnd();
    }
  }

  private void makeRoom(EndpointShare endpoint, long bytes) {
    for (Segment segment : files.segments()) {
      if (endpoint.excess(bytes) == 0 || !segment.isSealed()) {
        return;
      }
      for (StoredQueue queue : endpoint.queues()) {
        Share share = segment.shares().get(queue);
        if (share != null) {
          drop(queue, share);
        }
      }
    }
  }

  private void drop(StoredQueue queue, Share share) {
    long dropped = queue.drop(share);
    if (dropped > 0) {
      LOG.warn("{}: no room; its oldest {} records are dropped", queue, dropped);
    }
    for (long i = 0; i < dropped; i++) {
      drops.dropped(DropReason.QUEUE_FULL, queue.name(), "no room; the oldest are dropped");
    }
  }
}
