package io.gantry.store.segment;

import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first 40 bytes of each file: magic, format version, kind, first offset, creation time,
 * checksum.
 *
 * @param kind what is in the file, up to whoever writes
 * @param firstOffset no record in the file has a smaller offset
 * @param created milliseconds since 1970
 */
public record SegmentHeader(int kind, long firstOffset, long created) {

  /** Length in bytes. */
  public static final int LENGTH = 40;

  /**
   * The format that this code writes and the newest it reads. Format 2 changed the records of the
   * queues; logs and tables are as they were in format 1.
   */
  public static final int VERSION = 2;

  private static final long MAGIC = 0x47414E5452590A1AL; // "GANTRY", line feed, end of text

  /** The header as bytes. */
  public ByteBuffer encode() {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
    buffer.putLong(MAGIC).putInt(VERSION).putInt(kind).putLong(firstOffset).putLong(created);
    buffer.putInt(crc(buffer)).putInt(0);
    return buffer.flip();
  }

  /**
   * Reads the header of a file.
   *
   * @return empty when it is damaged or missing
   * @throws StoreException when a newer version of the runtime wrote the file
   */
  public static Optional<SegmentHeader> read(Path path, DiskFile file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
    int read = file.read(0, buffer);
    buffer.flip();
    if (read < LENGTH || buffer.getLong(0) != MAGIC || buffer.getInt(32) != crc(buffer)) {
      return Optional.empty();
    }
    int version = buffer.getInt(8);
    if (version > VERSION) {
      throw new StoreException(
          StoreException.Kind.BROKEN,
          "Cannot open "
              + path
              + ": expected format version "
              + VERSION
              + " or older, found "
              + version
              + "; it was written by a newer Gantry, start that one or move the file away");
    }
    return Optional.of(
        new SegmentHeader(buffer.getInt(12), buffer.getLong(16), buffer.getLong(24)));
  }

  /** The format of a file; 0 when its header is damaged or missing. */
  public static int version(DiskFile file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
    int read = file.read(0, buffer);
    boolean sound =
        read == LENGTH && buffer.getLong(0) == MAGIC && buffer.getInt(32) == crc(buffer);
    return sound ? buffer.getInt(8) : 0;
  }

  private static int crc(ByteBuffer buffer) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, 32);
    return (int) crc.getValue();
  }
}
