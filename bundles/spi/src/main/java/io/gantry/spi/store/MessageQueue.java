package io.gantry.spi.store;

import java.io.IOException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A reader's view of one queue: records in order of their offsets, and a durable position. Reading
 * does not consume; {@link #commit} does. Used by one thread at a time, except where noted.
 */
@ProviderType
public interface MessageQueue {

  /**
   * One record of the queue.
   *
   * @param offset ascending; shared by all queues that hold the record
   * @param record the bytes
   * @param expiresAt seconds since 1970 after which it is worth nothing here, or {@link
   *     QueueTarget#NEVER}
   */
  record Entry(long offset, byte[] record, long expiresAt) {
    /** Whether it is worth nothing any more at a moment in seconds since 1970. */
    public boolean isExpired(long now) {
      return expiresAt <= now;
    }
  }

  /** The queue's name. */
  String name();

  /**
   * The next records behind an offset, from memory where possible. Only records that are durable
   * are returned.
   *
   * @param after the offset of the last record already read; {@link #committed()} to begin
   * @param maxEntries upper bound of the number of records, at least 1
   * @param maxBytes reading stops once this many bytes are gathered; at least one record is
   *     returned when there is one
   * @return in ascending order of offsets; empty when there is nothing more now
   */
  List<Entry> read(long after, int maxEntries, int maxBytes) throws IOException;

  /**
   * Everything up to and including this offset is done and may be forgotten. Durable soon (with the
   * next sync, at most one commit interval later); after a crash the position may be older, never
   * newer. An offset below the present position is ignored; what is not stored yet is not done,
   * whatever the offset.
   */
  void commit(long offset);

  /** The position: offset of the last record that is done, -1 before the first. Any thread. */
  long committed();

  /** How many records wait behind the position. Any thread; may lag by a moment. */
  long pending();

  /** How many bytes these records have together. Any thread; may lag by a moment. */
  long pendingBytes();

  /**
   * Sets who is told when records were added after a read came back empty. Called on the store's
   * writer thread, which must not be blocked; may be called without need. Replaces the former one.
   */
  void onAppend(Runnable listener);

  /** Forgets the queue with its position and all that waits in it. Any thread. */
  void remove();
}
