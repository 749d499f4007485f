package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.store.segment.Records;
import java.nio.ByteBuffer;

/**
 * The bodies of the log's records:
 *
 * <ul>
 *   <li>{@link #DATA}: number of queues (short), their ids (int), the record of the caller;
 *   <li>{@link #QUEUE}: id (int), position (long), name: defines a queue. At the beginning of each
 *       file all queues are defined again, so that older files can go;
 *   <li>{@link #CHECKPOINT}: id (int), position (long);
 *   <li>{@link #REMOVED}: id (int).
 * </ul>
 */
final class LogRecord {

  static final int DATA = 1;
  static final int QUEUE = 2;
  static final int CHECKPOINT = 3;
  static final int REMOVED = 4;

  private LogRecord() {}

  static int dataSize(int queues, int record) {
    return Short.BYTES + queues * Integer.BYTES + record;
  }

  static void data(ByteBuffer buffer, StoredQueue[] queues, byte[] record, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, DATA, dataSize(queues.length, record.length), offset, now);
    buffer.putShort((short) queues.length);
    for (StoredQueue queue : queues) {
      buffer.putInt(queue.id());
    }
    buffer.put(record);
    Records.end(buffer, start);
  }

  static int queueSize(String name) {
    return Records.HEADER + Integer.BYTES + Long.BYTES + name.getBytes(UTF_8).length;
  }

  static void queue(ByteBuffer buffer, StoredQueue queue, long offset, long now) {
    int start = buffer.position();
    byte[] name = queue.name().getBytes(UTF_8);
    Records.begin(buffer, QUEUE, Integer.BYTES + Long.BYTES + name.length, offset, now);
    buffer.putInt(queue.id()).putLong(queue.committed()).put(name);
    Records.end(buffer, start);
  }

  static void checkpoint(ByteBuffer buffer, StoredQueue queue, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, CHECKPOINT, Integer.BYTES + Long.BYTES, offset, now);
    buffer.putInt(queue.id()).putLong(queue.committed());
    Records.end(buffer, start);
  }

  static void removed(ByteBuffer buffer, StoredQueue queue, long offset, long now) {
    int start = buffer.position();
    Records.begin(buffer, REMOVED, Integer.BYTES, offset, now);
    buffer.putInt(queue.id());
    Records.end(buffer, start);
  }

  static final int CHECKPOINT_SIZE = Records.HEADER + Integer.BYTES + Long.BYTES;

  /** Whether the body of a data record names the queue. */
  static boolean names(ByteBuffer body, int id) {
    int count = body.getShort(0) & 0xFFFF;
    for (int i = 0; i < count; i++) {
      if (body.getInt(Short.BYTES + i * Integer.BYTES) == id) {
        return true;
      }
    }
    return false;
  }

  /** The caller's record in the body of a data record. */
  static byte[] record(ByteBuffer body) {
    int start = Short.BYTES + (body.getShort(0) & 0xFFFF) * Integer.BYTES;
    byte[] record = new byte[body.limit() - start];
    body.get(start, record);
    return record;
  }

  /** The name in the body of a queue record. */
  static String name(ByteBuffer body) {
    byte[] name = new byte[body.limit() - Integer.BYTES - Long.BYTES];
    body.get(Integer.BYTES + Long.BYTES, name);
    return new String(name, UTF_8);
  }
}
