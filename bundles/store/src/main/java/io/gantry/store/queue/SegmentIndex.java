package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.store.segment.SparseIndex;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What is in a full file of the log, written beside it when it is full, so that a start does not
 * read its records. It is only a shortcut: one that is missing, damaged or does not fit is made
 * again from the records.
 *
 * @param length of the file of records; what may be behind it was never committed
 * @param nextOffset no record in it has this offset or a larger one, except those that are no data
 * @param nextId first id that no queue has had yet
 * @param queues all queues at the end of the file
 * @param shares what is in the file of each queue, by id
 * @param index where the records are
 */
record SegmentIndex(
    long length,
    long nextOffset,
    int nextId,
    List<QueueState> queues,
    Map<Integer, Share> shares,
    SparseIndex index) {

  private static final long MAGIC = 0x47414E5449445802L; // "GANTIDX", version 2

  static Path beside(Path log) {
    String name = log.getFileName().toString();
    return log.resolveSibling(name.substring(0, name.length() - 4) + ".idx");
  }

  /** Writes it; returns the length of its file. */
  long write(Disk disk, Path path) throws IOException {
    ByteBuffer content = encode();
    int size = content.remaining();
    try (DiskFile file = disk.open(path)) {
      file.truncate(0);
      file.write(0, content);
      file.sync();
    }
    return size;
  }

  /** Reads what was written for a file of this length; empty if it cannot be used. */
  static Optional<SegmentIndex> read(Disk disk, Path path, long length) throws IOException {
    ByteBuffer content;
    try (DiskFile file = disk.openExisting(path)) {
      content = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(0, content);
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    }
    content.flip();
    int end = content.limit() - Integer.BYTES;
    if (end < Long.BYTES
        || content.getLong(0) != MAGIC
        || crc(content, end) != content.getInt(end)) {
      return Optional.empty();
    }
    try {
      SegmentIndex found = decode(content.position(Long.BYTES));
      return Optional.of(found).filter(index -> index.length <= length);
    } catch (BufferUnderflowException tooShort) {
      return Optional.empty();
    }
  }

  /** The length of its file. */
  int size() {
    int size = 3 * Long.BYTES + 5 * Integer.BYTES + shares.size() * (Integer.BYTES + Share.SIZE);
    for (QueueState queue : queues) {
      size += queue.size();
    }
    return size + index.notes().length * 16;
  }

  private ByteBuffer encode() {
    long[][] notes = index.notes();
    ByteBuffer content = ByteBuffer.allocate(size());
    content.putLong(MAGIC).putLong(length).putLong(nextOffset).putInt(nextId);
    content.putInt(queues.size());
    queues.forEach(queue -> queue.put(content));
    content.putInt(shares.size());
    shares.forEach((id, share) -> share.put(content.putInt(id)));
    content.putInt(notes.length);
    for (long[] note : notes) {
      content.putLong(note[0]).putLong(note[1]);
    }
    return content.putInt(crc(content, content.position())).flip();
  }

  private static SegmentIndex decode(ByteBuffer content) {
    long length = content.getLong();
    long nextOffset = content.getLong();
    int nextId = content.getInt();
    List<QueueState> queues = new ArrayList<>();
    for (int i = content.getInt(); i > 0; i--) {
      queues.add(QueueState.get(content));
    }
    Map<Integer, Share> shares = new HashMap<>();
    for (int i = content.getInt(); i > 0; i--) {
      shares.put(content.getInt(), Share.get(content));
    }
    SparseIndex index = new SparseIndex();
    for (int i = content.getInt(); i > 0; i--) {
      index.note(content.getLong(), content.getLong());
    }
    return new SegmentIndex(length, nextOffset, nextId, queues, shares, index);
  }

  private static int crc(ByteBuffer content, int end) {
    CRC32C crc = new CRC32C();
    crc.update(content.array(), 0, end);
    return (int) crc.getValue();
  }
}
