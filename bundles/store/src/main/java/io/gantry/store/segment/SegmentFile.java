package io.gantry.store.segment;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that records are appended to. What is appended stays in the buffer until {@link #flush};
 * what was flushed is durable after {@link #sync}; {@link #rollback} goes back to the last {@link
 * #committed}.
 *
 * <p>Owned by the writer thread.
 */
public final class SegmentFile implements AutoCloseable {

  private static final int SLICE = 1 << 20;

  private final DiskFile file;
  private final ByteBuffer ownBuffer;
  private ByteBuffer buffer;
  private long written;
  private long syncedEnd;
  private long committedEnd;

  private SegmentFile(DiskFile file, ByteBuffer buffer, long end) {
    this.file = file;
    this.ownBuffer = buffer;
    this.buffer = buffer;
    this.written = end;
    this.syncedEnd = end;
    this.committedEnd = end;
  }

  /** Makes a new file with a header, durably; whoever gets an exception must {@link #discard}. */
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
      throw failure;
    }
    return new SegmentFile(file, buffer.clear(), SegmentHeader.LENGTH);
  }

  /**
   * Removes a file that could not be begun, durably: one that comes back after a power cut would be
   * taken for the successor of a file that was written to meanwhile, whose newest records would
   * then belong to nobody.
   *
   * @param failure why it could not be begun; hears of what fails here
   * @return whether it is gone
   */
  public static boolean discard(Disk disk, Path path, IOException failure) {
    try {
      disk.delete(path);
      disk.syncFolder(path.getParent());
      return true;
    } catch (IOException kept) {
      failure.addSuppressed(kept);
      return false;
    }
  }

  /**
   * Opens a file that ends, as far as it is valid, at the given length; cuts off what is behind.
   */
  public static SegmentFile open(Disk disk, Path path, long validEnd, ByteBuffer buffer)
      throws IOException {
    DiskFile file = disk.open(path);
    try {
      if (file.size() > validEnd) {
        file.truncate(validEnd);
      }
      file.sync();
    } catch (IOException failure) {
      file.close();
      throw failure;
    }
    return new SegmentFile(file, buffer.clear(), validEnd);
  }

  /** Length with what is still in the buffer. */
  public long length() {
    return written + buffer.position();
  }

  /** Length up to the last commit. */
  public long committedEnd() {
    return committedEnd;
  }

  /** The flags of a record that is appended now. */
  public int flags() {
    return length() == syncedEnd ? Records.SYNCED : 0;
  }

  /** A buffer with room for a record of this size; the record goes to its position. */
  public ByteBuffer room(int size) throws IOException {
    if (buffer.remaining() < size) {
      flush();
    }
    if (buffer.capacity() < size) {
      buffer = ByteBuffer.allocate(size);
    }
    return buffer;
  }

  /** Writes out what is in the buffer. */
  public void flush() throws IOException {
    int length = buffer.position();
    buffer.flip();
    try {
      for (int at = 0; at < length; at += SLICE) {
        buffer.limit(Math.min(length, at + SLICE)).position(at);
        file.write(written + at, buffer);
      }
      written += length;
    } finally {
      buffer = ownBuffer.clear();
    }
  }

  /** Makes what was flushed durable. */
  public void sync() throws IOException {
    file.sync();
    syncedEnd = written;
  }

  /** There is no way back behind what was flushed until now. */
  public void committed() {
    committedEnd = written;
  }

  /** Goes back to the last commit, in memory and then on disk, durably. */
  public void rollback() throws IOException {
    buffer = ownBuffer.clear();
    written = committedEnd;
    syncedEnd = -1;
    file.truncate(committedEnd);
    sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
