package io.gantry.store.segment;

import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the records of one file in order, in blocks, and gets over damage: behind a byte that is no
 * valid record it looks for the next one that is. A record whose offset goes back, or is larger
 * than the file can hold, is not ours (it may be the payload of another one).
 *
 * <p>Not for use by several threads.
 */
public final class RecordScanner {

  private static final int BLOCK = 256 * 1024;

  private final DiskFile file;
  private final long end;
  private final int maxBody;
  private final long lastOffset;
  private ByteBuffer block = ByteBuffer.allocate(BLOCK).limit(0);
  private long blockStart;
  private long position;
  private int start;
  private int length;
  private long offset = -1;
  private long validEnd;
  private boolean afterDamage;

  /**
   * @param from where to begin, the header or the end of a record
   * @param end where to stop, at most the size of the file
   * @param maxBody longest body of a record
   * @param lastOffset no record of the file has a larger offset
   */
  public RecordScanner(DiskFile file, long from, long end, int maxBody, long lastOffset) {
    this.file = file;
    this.end = end;
    this.maxBody = maxBody;
    this.lastOffset = lastOffset;
    this.blockStart = from;
    this.position = from;
    this.validEnd = from;
  }

  /** Moves to the next record; false at the end. */
  public boolean next() throws IOException {
    afterDamage = false;
    while (position < end) {
      int at = (int) (position - blockStart);
      int result = Records.validate(block, at, maxBody);
      if (result < 0 && fill(-result)) {
        continue;
      }
      if (result > 0 && isOurs(at)) {
        start = at;
        length = result;
        offset = block.getLong(at + Records.OFFSET_AT);
        position += result;
        validEnd = position;
        return true;
      }
      afterDamage = true;
      position++;
    }
    return false;
  }

  private boolean isOurs(int at) {
    long found = block.getLong(at + Records.OFFSET_AT);
    return found >= offset && found <= lastOffset;
  }

  /** Has at least so many bytes at the position in memory; false when the file has not. */
  private boolean fill(int needed) throws IOException {
    if (end - position < needed) {
      return false;
    }
    if (block.capacity() < needed) {
      block = ByteBuffer.allocate(needed + BLOCK);
    }
    block.clear();
    block.limit((int) Math.min(block.capacity(), end - position));
    file.read(position, block);
    block.flip();
    blockStart = position;
    if (block.limit() < needed) {
      throw new IOException(
          "expected " + needed + " bytes at position " + position + ", found " + block.limit());
    }
    return true;
  }

  /** The type of the record. */
  public int type() {
    return block.get(start + Records.TYPE_AT);
  }

  /** Whether everything before the record was durable when it was written. */
  public boolean synced() {
    return (block.get(start + Records.FLAGS_AT) & Records.SYNCED) != 0;
  }

  /** The offset of the record. */
  public long offset() {
    return offset;
  }

  /** When the record was written, milliseconds since 1970. */
  public long time() {
    return block.getLong(start + Records.TIME_AT);
  }

  /** The body; valid until {@link #next} is called. */
  public ByteBuffer body() {
    return block.slice(start + Records.HEADER, length - Records.HEADER);
  }

  /** Where the record begins. */
  public long start() {
    return validEnd - length;
  }

  /** Where the last valid record ends. */
  public long validEnd() {
    return validEnd;
  }

  /**
   * Whether there is damage between this record and the one before it, or when {@link #next} has
   * said that there is none, behind the last.
   */
  public boolean afterDamage() {
    return afterDamage;
  }
}
