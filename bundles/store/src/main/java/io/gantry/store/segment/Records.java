package io.gantry.store.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How one record lies in a file (big-endian):
 *
 * <pre>
 *  0  short  0x4754, so that records can be found again behind damage
 *  2  short  type, up to whoever writes
 *  4  int    length of the whole record
 *  8  int    CRC32C over everything but these four bytes
 * 12  long   offset
 * 20  long   time of writing, milliseconds since 1970
 * 28         body
 * </pre>
 */
public final class Records {

  /** Bytes before the body. */
  public static final int HEADER = 28;

  /** Longest body: a record of 1 MiB and its queue references. */
  public static final int MAX_BODY = (1 << 20) + (1 << 18);

  static final int MAGIC = 0x4754;
  private static final int CRC_AT = 8;

  private Records() {}

  /** Writes a header whose checksum is not known yet; the body follows behind it. */
  public static void begin(ByteBuffer buffer, int type, int bodyLength, long offset, long time) {
    buffer
        .putShort((short) MAGIC)
        .putShort((short) type)
        .putInt(HEADER + bodyLength)
        .putInt(0)
        .putLong(offset)
        .putLong(time);
  }

  /** Fills in the checksum of the record that began at the position and ends where we are. */
  public static void end(ByteBuffer buffer, int start) {
    buffer.putInt(start + CRC_AT, checksum(buffer, start, buffer.position() - start));
  }

  static int checksum(ByteBuffer buffer, int start, int length) {
    CRC32C crc = new CRC32C();
    ByteBuffer view = buffer.duplicate();
    view.limit(start + CRC_AT).position(start);
    crc.update(view);
    view.limit(start + length).position(start + CRC_AT + Integer.BYTES);
    crc.update(view);
    return (int) crc.getValue();
  }

  /**
   * The length of the valid record at the position of the buffer.
   *
   * @return 0 when it is not one; its negative length when more bytes are needed to tell
   */
  static int validate(ByteBuffer buffer, int at) {
    int available = buffer.limit() - at;
    if (available < HEADER) {
      return -HEADER;
    }
    int length = buffer.getInt(at + 4);
    boolean plausible =
        buffer.getShort(at) == (short) MAGIC && length >= HEADER && length <= HEADER + MAX_BODY;
    if (!plausible) {
      return 0;
    }
    if (available < length) {
      return -length;
    }
    return checksum(buffer, at, length) == buffer.getInt(at + CRC_AT) ? length : 0;
  }
}
