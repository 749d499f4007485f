package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueTarget;
import io.gantry.store.queue.QueueState.Position;
import io.gantry.store.segment.Records;
import java.nio.ByteBuffer;

/**
 * The bodies of the log's records:
 *
 * <ul>
 *   <li>{@link #DATA}: number of queues (short), for each its id (int) and the second since 1970
 *       when the record expires there (unsigned int, the largest is never), the record of the
 *       caller;
 *   <li>{@link #QUEUE}: a {@link QueueState}: defines a queue. At the beginning of each file all
 *       queues are defined again, so that older files can go;
 *   <li>{@link #CHECKPOINT}: id (int), position (long), records and bytes consumed up to it (long);
 *   <li>{@link #REMOVED}: id (int).
 * </ul>
 *
 * <p>Format 1 had other numbers for records of another form, so that none is ever misread, whatever
 * has become of the header of its file.
 */
final class LogRecord {

  static final int REMOVED = 4;
  static final int DATA = 5;
  static final int QUEUE = 6;
  static final int CHECKPOINT = 7;

  /** Longest body: a record of 1 MiB and its queue references. */
  static final int MAX_BODY = (1 << 20) + (1 << 19);

  static final int CHECKPOINT_SIZE = Records.HEADER + Integer.BYTES + Position.SIZE;

  /** A data record of one queue without the bytes of the caller. */
  static final int SMALLEST = Records.HEADER + Short.BYTES + 2 * Integer.BYTES;

  private static final int REFERENCE = 2 * Integer.BYTES;
  private static final long LATEST = 0xFFFF_FFFFL;

  private LogRecord() {}

  static int dataSize(int queues, int record) {
    return Short.BYTES + queues * REFERENCE + record;
  }

  /** The form in which the moment of expiry is on disk. */
  static int expiry(long expiresAt) {
    return (int) Math.min(expiresAt, LATEST);
  }

  private static long expiresAt(int expiry) {
    long second = Integer.toUnsignedLong(expiry);
    return second == LATEST ? QueueTarget.NEVER : second;
  }

  static void data(
      ByteBuffer buffer, int flags, References queues, ByteBuffer record, long offset, long now) {
    int start = buffer.position();
    int count = queues.size();
    Records.begin(buffer, DATA, flags, dataSize(count, record.remaining()), offset, now);
    buffer.putShort((short) count);
    for (int i = 0; i < count; i++) {
      buffer.putInt(queues.id(i)).putInt(queues.expiry(i));
    }
    buffer.put(record);
    Records.end(buffer, start);
  }

  /** The queues that a record names. */
  interface References {
    int size();

    int id(int index);

    int expiry(int index);
  }

  static void queue(ByteBuffer buffer, int flags, QueueState state, long offset, long now) {
    int start = buffer.position();
    byte[] name = state.name().getBytes(UTF_8);
    Records.begin(buffer, QUEUE, flags, QueueState.size(name), offset, now);
    state.put(buffer, name);
    Records.end(buffer, start);
  }

  static void checkpoint(ByteBuffer buffer, int flags, int id, Position at, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, CHECKPOINT, flags, CHECKPOINT_SIZE - Records.HEADER, offset, now);
    buffer.putInt(id);
    at.put(buffer);
    Records.end(buffer, start);
  }

  static void removed(ByteBuffer buffer, int flags, int id, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, REMOVED, flags, Integer.BYTES, offset, now);
    buffer.putInt(id);
    Records.end(buffer, start);
  }

  /** How many queues the body of a data record names. */
  static int queues(ByteBuffer body) {
    return body.getShort(0) & 0xFFFF;
  }

  /** The id of the n-th queue in the body of a data record. */
  static int id(ByteBuffer body, int index) {
    return body.getInt(Short.BYTES + index * REFERENCE);
  }

  /** When the record expires in the n-th queue, as it is on disk. */
  static int expiry(ByteBuffer body, int index) {
    return body.getInt(Short.BYTES + index * REFERENCE + Integer.BYTES);
  }

  /** The place of a queue among those that the body of a data record names; -1 if it is not. */
  static int indexOf(ByteBuffer body, int id) {
    int count = queues(body);
    for (int i = 0; i < count; i++) {
      if (id(body, i) == id) {
        return i;
      }
    }
    return -1;
  }

  /** The caller's record in the body of a data record. */
  static ByteBuffer record(ByteBuffer body) {
    int start = Short.BYTES + queues(body) * REFERENCE;
    return body.slice(start, body.limit() - start);
  }

  /** The entry of the n-th queue that a data record names. */
  static Entry entry(ByteBuffer body, int index, long offset) {
    ByteBuffer record = record(body);
    byte[] bytes = new byte[record.remaining()];
    record.get(bytes);
    return new Entry(offset, bytes, expiresAt(expiry(body, index)));
  }
}
