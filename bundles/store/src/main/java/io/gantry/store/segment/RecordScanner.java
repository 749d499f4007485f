package io.gantry.store.segment;

import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the records of one file in order, in blocks, and gets over damage: behind a byte that is no
 * valid record it looks for the next one that is. A byte lost costs the record it hits.
 *
 * <p>Not for use by several threads.
 */
public final class RecordScanner {

  private static final int BLOCK = 256 * 1024;

  private final DiskFile file;
  private final long end;
  private ByteBuffer block = ByteBuffer.allocate(BLOCK).limit(0);
  private long blockStart;
  private long position;
  private int start;
  private int length;
  private long validEnd;
  private long damaged;

  /**
   * @param from where to begin, the header or the end of a record
   * @param end where to stop, at most the size of the file
   */
  public RecordScanner(DiskFile file, long from, long end) {
    this.file = file;
    this.end = end;
    this.blockStart = from;
    this.position = from;
    this.validEnd = from;
  }

  /** Moves to the next record; false at the end. */
  public boolean next() throws IOException {
    boolean lost = false;
    while (position < end) {
      int result = Records.validate(block, (int) (position - blockStart));
      if (result < 0 && fill(-result)) {
        continue;
      }
      if (result > 0) {
        damaged += lost ? 1 : 0;
        start = (int) (position - blockStart);
        length = result;
        position += result;
        validEnd = position;
        return true;
      }
      lost = true;
      position++;
    }
    return false;
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
    return block.limit() >= needed;
  }

  /** The type of the record. */
  public int type() {
    return block.getShort(start + 2);
  }

  /** The offset of the record. */
  public long offset() {
    return block.getLong(start + 12);
  }

  /** The body; valid until {@link #next} is called. */
  public ByteBuffer body() {
    return block.slice(start + Records.HEADER, length - Records.HEADER);
  }

  /** Length of the record with its header. */
  public int length() {
    return length;
  }

  /** Where the last valid record ends: what is behind it is torn. */
  public long validEnd() {
    return validEnd;
  }

  /** How many times damage was found that valid records followed. */
  public long damaged() {
    return damaged;
  }
}
