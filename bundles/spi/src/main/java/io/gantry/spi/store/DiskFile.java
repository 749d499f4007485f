package io.gantry.spi.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file of a {@link Disk}; used by one thread at a time, which is never interrupted. */
public interface DiskFile extends AutoCloseable {

  /**
   * Writes all that remains of the buffers, one after another, starting at the position. May have
   * written a part of it when it throws.
   */
  void write(long position, ByteBuffer... buffers) throws IOException;

  /**
   * Reads into the buffer from the position.
   *
   * @return the number of bytes read, less than asked for only at the end of the file; 0 at the end
   */
  int read(long position, ByteBuffer buffer) throws IOException;

  /** The length in bytes. */
  long size() throws IOException;

  /** Cuts the file off at the length. */
  void truncate(long length) throws IOException;

  /** Makes all that was written durable. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;
}
