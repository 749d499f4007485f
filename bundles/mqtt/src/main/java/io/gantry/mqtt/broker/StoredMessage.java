package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.message.Payload;
import java.nio.ByteBuffer;

/**
 * A message on a free topic as the queues of sessions hold it. One record serves all sessions.
 *
 * @param qos it was published with, 1 or 2; a session may get it with less
 * @param retained whether it goes out as a retained one, for a new subscription
 */
record StoredMessage(String topic, int qos, boolean retained, Payload body) {

  private static final byte FORMAT = 1;
  private static final int QOS = 3;
  private static final int RETAINED = 4;
  private static final int HEADER = 4;

  byte[] toBytes() {
    byte[] name = topic.getBytes(UTF_8);
    ByteBuffer record = ByteBuffer.allocate(HEADER + name.length + body.size());
    record.put(FORMAT).put((byte) (qos | (retained ? RETAINED : 0)));
    record.putShort((short) name.length).put(name);
    body.writeTo(record);
    return record.array();
  }

  /**
   * Reads a record.
   *
   * @throws IllegalArgumentException when it is none of ours
   */
  static StoredMessage of(byte[] bytes) {
    if (bytes.length < HEADER || bytes[0] != FORMAT) {
      throw new IllegalArgumentException(
          "message of a session: expected a record of format " + FORMAT + ", found another");
    }
    ByteBuffer record = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    int flags = record.get();
    int length = Short.toUnsignedInt(record.getShort());
    if (length > record.remaining()) {
      throw new IllegalArgumentException(
          "message of a session: expected a topic of " + length + " bytes, found the end");
    }
    String topic = new String(bytes, HEADER, length, UTF_8);
    record.position(HEADER + length);
    return new StoredMessage(
        topic, flags & QOS, (flags & RETAINED) != 0, Payload.copyOf(record.slice()));
  }
}
