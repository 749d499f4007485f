package io.gantry.bench.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The least that a durable log can do, as the limit to compare with: records with a checksum, a
 * length and an offset, gathered in a buffer, written to files of 64 MiB, and synced every 10 ms.
 * One thread, no queues, no positions, no reader, no answers.
 */
final class RawLog implements AutoCloseable {

  private static final int HEADER = 20;
  private static final int BUFFER = 64 * 1024;
  private static final long FILE = 64L << 20;
  private static final long INTERVAL_NANOS = 10_000_000;

  private final Path folder;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private final CRC32C crc = new CRC32C();
  private FileChannel file;
  private Path path;
  private long offset;
  private long length;
  private long syncedAt = System.nanoTime();

  RawLog(Path folder) throws IOException {
    this.folder = folder;
    this.path = folder.resolve("0.raw");
    this.file = FileChannel.open(path, CREATE, WRITE);
  }

  /** Appends a record, and syncs when the interval is over. */
  void append(byte[] record) throws IOException {
    if (buffer.remaining() < HEADER + record.length) {
      flush();
    }
    int start = buffer.position();
    buffer.putInt(0).putInt(HEADER + record.length).putLong(offset++).putInt(0).put(record);
    int end = buffer.position();
    crc.reset();
    crc.update(buffer.position(start + Integer.BYTES).limit(end));
    buffer.limit(buffer.capacity()).position(end).putInt(start, (int) crc.getValue());
  }

  private void flush() throws IOException {
    buffer.flip();
    length += buffer.remaining();
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
    buffer.clear();
    if (System.nanoTime() - syncedAt >= INTERVAL_NANOS) {
      sync();
    }
    if (length >= FILE) {
      roll();
    }
  }

  private void sync() throws IOException {
    file.force(false);
    syncedAt = System.nanoTime();
  }

  private void roll() throws IOException {
    close();
    length = 0;
    path = folder.resolve(offset + ".raw");
    file = FileChannel.open(path, CREATE, WRITE);
  }

  /** All that was appended is durable. */
  void commit() throws IOException {
    flush();
    sync();
  }

  @Override
  public void close() throws IOException {
    file.force(false);
    file.close();
    Files.delete(path);
  }
}
