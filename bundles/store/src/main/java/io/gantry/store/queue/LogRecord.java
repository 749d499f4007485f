package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.store.segment.Records;
import java.nio.ByteBuffer;

/**
 * The bodies of the log's records:
 *
 * <ul>
 *   <li>{@link #DATA}: number of queues (short), their ids (int), the record of the caller;
 *   <li>{@link #QUEUE}: a {@link QueueState}: defines a queue. At the beginning of each file all
 *       queues are defined again, so that older files can go;
 *   <li>{@link #CHECKPOINT}: id (int), position (long), records consumed up to it (long);
 *   <li>{@link #REMOVED}: id (int).
 * </ul>
 */
final class LogRecord {

  static final int DATA = 1;
  static final int QUEUE = 2;
  static final int CHECKPOINT = 3;
  static final int REMOVED = 4;

  /** Longest body: a record of 1 MiB and its queue references. */
  static final int MAX_BODY = (1 << 20) + (1 << 18);

  static final int CHECKPOINT_SIZE = Records.HEADER + Integer.BYTES + 2 * Long.BYTES;

  private LogRecord() {}

  static int dataSize(int queues, int record) {
    return Short.BYTES + queues * Integer.BYTES + record;
  }

  static void data(
      ByteBuffer buffer, int flags, StoredQueue[] queues, byte[] record, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, DATA, flags, dataSize(queues.length, record.length), offset, now);
    buffer.putShort((short) queues.length);
    for (StoredQueue queue : queues) {
      buffer.putInt(queue.id());
    }
    buffer.put(record);
    Records.end(buffer, start);
  }

  static void queue(ByteBuffer buffer, int flags, QueueState state, long offset, long now) {
    int start = buffer.position();
    byte[] name = state.name().getBytes(UTF_8);
    Records.begin(buffer, QUEUE, flags, QueueState.size(name), offset, now);
    state.put(buffer, name);
    Records.end(buffer, start);
  }

  static void checkpoint(
      ByteBuffer buffer, int flags, int id, QueueState.Position at, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, CHECKPOINT, flags, CHECKPOINT_SIZE - Records.HEADER, offset, now);
    buffer.putInt(id).putLong(at.committed()).putLong(at.consumed());
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
    return body.getInt(Short.BYTES + index * Integer.BYTES);
  }

  /** Whether the body of a data record names the queue. */
  static boolean names(ByteBuffer body, int id) {
    int count = queues(body);
    for (int i = 0; i < count; i++) {
      if (id(body, i) == id) {
        return true;
      }
    }
    return false;
  }

  /** The caller's record in the body of a data record. */
  static byte[] record(ByteBuffer body) {
    int start = Short.BYTES + queues(body) * Integer.BYTES;
    byte[] record = new byte[body.limit() - start];
    body.get(start, record);
    return record;
  }
}
