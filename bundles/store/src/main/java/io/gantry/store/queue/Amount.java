package io.gantry.store.queue;

import java.nio.ByteBuffer;

/**
 * A number of records.
 *
 * @param count how many
 * @param bytes what callers have given for them
 */
record Amount(long count, long bytes) {

  static final Amount NONE = new Amount(0, 0);
  static final int SIZE = 2 * Long.BYTES;

  Amount plus(Amount other) {
    return new Amount(count + other.count, bytes + other.bytes);
  }

  /** The difference, which is never negative: what decayed may have been counted once. */
  Amount minus(Amount other) {
    return new Amount(Math.max(0, count - other.count), Math.max(0, bytes - other.bytes));
  }

  Amount plusOne(long length) {
    return new Amount(count + 1, bytes + length);
  }

  void put(ByteBuffer buffer) {
    buffer.putLong(count).putLong(bytes);
  }

  static Amount get(ByteBuffer buffer) {
    return new Amount(buffer.getLong(), buffer.getLong());
  }
}
