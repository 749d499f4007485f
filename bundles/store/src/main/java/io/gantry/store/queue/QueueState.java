package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What must be known of a queue at some point of the log in order to go on from there.
 *
 * @param id stands for the name in the records
 * @param name as callers know it
 * @param position of its reader
 * @param appended how many records were ever written to it
 * @param last offset of the newest of them, -1 if there is none
 */
record QueueState(int id, String name, Position position, long appended, long last) {

  /**
   * A reader's position.
   *
   * @param committed offset of the last record that is done, -1 before the first
   * @param consumed how many records of the queue that makes
   */
  record Position(long committed, long consumed) {}

  private static final int FIXED = Integer.BYTES + 4 * Long.BYTES + Short.BYTES;

  static int size(byte[] name) {
    return FIXED + name.length;
  }

  int size() {
    return size(name.getBytes(UTF_8));
  }

  void put(ByteBuffer buffer, byte[] utf8) {
    buffer.putInt(id).putLong(position.committed).putLong(position.consumed);
    buffer.putLong(appended).putLong(last).putShort((short) utf8.length).put(utf8);
  }

  void put(ByteBuffer buffer) {
    put(buffer, name.getBytes(UTF_8));
  }

  static QueueState get(ByteBuffer buffer) {
    int id = buffer.getInt();
    Position position = new Position(buffer.getLong(), buffer.getLong());
    long appended = buffer.getLong();
    long last = buffer.getLong();
    byte[] name = new byte[buffer.getShort()];
    buffer.get(name);
    return new QueueState(id, new String(name, UTF_8), position, appended, last);
  }
}
