package io.gantry.store.queue;

import java.nio.ByteBuffer;

/**
 * What one file holds of one queue.
 *
 * @param last offset of the newest record
 * @param amount of its records in the file
 * @param end of all records that were ever written to the queue, up to the end of the file
 */
record Share(long last, Amount amount, Amount end) {

  static final int SIZE = Long.BYTES + 2 * Amount.SIZE;

  /** What of it a queue that has consumed so much in all still needs. */
  Amount behind(Amount consumed) {
    Amount left = end.minus(consumed);
    return new Amount(
        Math.min(amount.count(), left.count()), Math.min(amount.bytes(), left.bytes()));
  }

  /** Whether the queue needs some of it. */
  boolean isNeeded(StoredQueue queue) {
    return queue.safelyCommitted() < last;
  }

  /** About how many bytes the queue still needs of it. */
  long live(StoredQueue queue) {
    return isNeeded(queue) ? bytes(behind(queue.consumed())) : 0;
  }

  /** About how many bytes it has in all. */
  long bytes() {
    return bytes(amount);
  }

  private static long bytes(Amount of) {
    return of.bytes() + of.count() * LogRecord.SMALLEST;
  }

  void put(ByteBuffer buffer) {
    buffer.putLong(last);
    amount.put(buffer);
    end.put(buffer);
  }

  static Share get(ByteBuffer buffer) {
    return new Share(buffer.getLong(), Amount.get(buffer), Amount.get(buffer));
  }
}
