package io.gantry.store.segment;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that records are appended to. What is appended stays in the buffer until {@link #flush};
 * what was flushed is durable after {@link #sync}; {@link #rollback} goes back to the last sync.
 *
 * <p>Owned by the writer thread; {@link #durableEnd} is for any thread.
 */
public final class SegmentFile implements AutoCloseable {

  private final Path path;
  private final DiskFile file;
  private final ByteBuffer buffer;
  private long written;
  private volatile long durableEnd;

  private SegmentFile(Path path, DiskFile file, ByteBuffer buffer, long end) {
    this.path = path;
    this.file = file;
    this.buffer = buffer;
    this.written = end;
    this.durableEnd = end;
  }

  /** Makes a new file with a header, durably. */
  public static SegmentFile create(Disk disk, Path path, SegmentHeader header, ByteBuffer buffer)
      throws IOException {
    DiskFile file = disk.open(path);
    try {
      file.truncate(0);
      file.write(0, header.encode());
      file.sync();
      disk.syncFolder(path.getParent());
    } catch (IOException failure) {
      file.close();
      disk.delete(path);
      throw failure;
    }
    return new SegmentFile(path, file, buffer, SegmentHeader.LENGTH);
  }

  /**
   * Opens a file that ends, as far as it is valid, at the given length; cuts off what is behind.
   */
  public static SegmentFile open(Disk disk, Path path, long validEnd, ByteBuffer buffer)
      throws IOException {
    DiskFile file = disk.open(path);
    if (file.size() > validEnd) {
      file.truncate(validEnd);
    }
    file.sync();
    return new SegmentFile(path, file, buffer, validEnd);
  }

  /** Where the file is. */
  public Path path() {
    return path;
  }

  /** Length with what is still in the buffer. */
  public long length() {
    return written + buffer.position();
  }

  /** The file is durable up to here. Any thread. */
  public long durableEnd() {
    return durableEnd;
  }

  /** A buffer with room for a record of this size; the record goes to its position. */
  public ByteBuffer room(int size) throws IOException {
    if (buffer.remaining() < size) {
      flush();
    }
    return buffer;
  }

  /** Writes out what is in the buffer. */
  public void flush() throws IOException {
    if (buffer.position() == 0) {
      return;
    }
    int length = buffer.position();
    buffer.flip();
    try {
      file.write(written, buffer);
      written += length;
    } finally {
      buffer.clear();
    }
  }

  /** Makes what was flushed durable. */
  public void sync() throws IOException {
    file.sync();
  }

  /** Everything flushed counts as durable from now on. */
  public void committed() {
    durableEnd = written;
  }

  /** Goes back to the last commit, in memory and on disk. */
  public void rollback() throws IOException {
    buffer.clear();
    written = durableEnd;
    file.truncate(durableEnd);
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
