package io.gantry.store.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How one record lies in a file (big-endian):
 *
 * <pre>
 *  0  int    CRC32C over everything behind these four bytes
 *  4  short  0x4754, so that records can be found again behind damage
 *  6  byte   type, up to whoever writes
 *  7  byte   flags, see {@link #SYNCED}
 *  8  int    length of the whole record
 * 12  long   offset; never smaller than that of the record before
 * 20  long   time of writing, milliseconds since 1970
 * 28         body
 * </pre>
 */
public final class Records {

  /** Bytes before the body. */
  public static final int HEADER = 28;

  /**
   * Flag: everything before this record was durable when it was written. Damage before it is
   * therefore decay of the disk and not a torn write.
   */
  public static final int SYNCED = 1;

  static final int MAGIC = 0x4754;
  static final int MAGIC_AT = 4;
  static final int TYPE_AT = 6;
  static final int FLAGS_AT = 7;
  static final int LENGTH_AT = 8;
  static final int OFFSET_AT = 12;
  static final int TIME_AT = 20;

  private Records() {}

  /** Writes a header whose checksum is not known yet; the body follows behind it. */
  public static void begin(
      ByteBuffer buffer, int type, int flags, int bodyLength, long offset, long time) {
    buffer
        .putInt(0)
        .putShort((short) MAGIC)
        .put((byte) type)
        .put((byte) flags)
        .putInt(HEADER + bodyLength)
        .putLong(offset)
        .putLong(time);
  }

  /** Fills in the checksum of the record that began at the position and ends where we are. */
  public static void end(ByteBuffer buffer, int start) {
    int end = buffer.position();
    int limit = buffer.limit();
    CRC32C crc = new CRC32C();
    buffer.limit(end).position(start + MAGIC_AT);
    crc.update(buffer);
    buffer.limit(limit);
    buffer.putInt(start, (int) crc.getValue());
  }

  /**
   * The length of the valid record at a position of the buffer, which has an array.
   *
   * @return 0 when it is not one; its negative length when more bytes are needed to tell
   */
  static int validate(ByteBuffer buffer, int at, int maxBody) {
    int available = buffer.limit() - at;
    if (available < HEADER) {
      return -HEADER;
    }
    int length = buffer.getInt(at + LENGTH_AT);
    boolean plausible =
        buffer.getShort(at + MAGIC_AT) == (short) MAGIC
            && length >= HEADER
            && length <= HEADER + maxBody;
    if (!plausible) {
      return 0;
    }
    if (available < length) {
      return -length;
    }
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), buffer.arrayOffset() + at + MAGIC_AT, length - MAGIC_AT);
    return (int) crc.getValue() == buffer.getInt(at) ? length : 0;
  }
}
