package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What must be known of a queue at some point of the log in order to go on from there.
 *
 * @param id stands for the name in the records
 * @param name as callers know it
 * @param position of its reader
 * @param appended what was ever written to it
 * @param last offset of the newest of its records, -1 if there is none
 */
record QueueState(int id, String name, Position position, Amount appended, long last) {

  /**
   * A reader's position.
   *
   * @param committed offset of the last record that is done, -1 before the first
   * @param consumed what of all records of the queue that makes
   */
  record Position(long committed, Amount consumed) {

    static final Position BEGIN = new Position(-1, Amount.NONE);
    static final int SIZE = Long.BYTES + Amount.SIZE;

    void put(ByteBuffer buffer) {
      buffer.putLong(committed);
      consumed.put(buffer);
    }

    static Position get(ByteBuffer buffer) {
      return new Position(buffer.getLong(), Amount.get(buffer));
    }
  }

  private static final int FIXED =
      Integer.BYTES + Position.SIZE + Amount.SIZE + Long.BYTES + Short.BYTES;

  static int size(byte[] name) {
    return FIXED + name.length;
  }

  int size() {
    return size(name.getBytes(UTF_8));
  }

  QueueState at(Position newPosition) {
    return new QueueState(id, name, newPosition, appended, last);
  }

  QueueState plusOne(long offset, long length) {
    return new QueueState(id, name, position, appended.plusOne(length), offset);
  }

  void put(ByteBuffer buffer, byte[] utf8) {
    buffer.putInt(id);
    position.put(buffer);
    appended.put(buffer);
    buffer.putLong(last).putShort((short) utf8.length).put(utf8);
  }

  void put(ByteBuffer buffer) {
    put(buffer, name.getBytes(UTF_8));
  }

  static QueueState get(ByteBuffer buffer) {
    int id = buffer.getInt();
    Position position = Position.get(buffer);
    Amount appended = Amount.get(buffer);
    long last = buffer.getLong();
    byte[] name = new byte[buffer.getShort()];
    buffer.get(name);
    return new QueueState(id, new String(name, UTF_8), position, appended, last);
  }
}
