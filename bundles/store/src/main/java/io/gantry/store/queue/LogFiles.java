package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.segment.SparseIndex;
import io.gantry.store.writer.Space;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the log, named by their first offset; the last one is being written. Each begins
 * with all queues and their positions, so that any older one can be deleted as soon as nobody needs
 * its messages. Owned by the writer thread; {@link #segments} is for any.
 */
final class LogFiles implements AutoCloseable {

  /** The kind in the header of our files. */
  static final int KIND = 1;

  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final Disk disk;
  private final Path folder;
  private final long segmentBytes;
  private final Space space;
  private final ByteBuffer buffer;
  private final List<Segment> segments = new CopyOnWriteArrayList<>();
  private final Map<Segment, Long> indexBytes = new HashMap<>();
  private SegmentFile file;
  private Segment current;
  private long preamble;

  /** A file that could not be begun may be there: nothing is written to the one before it. */
  private boolean halfBegun;

  LogFiles(Disk disk, Path folder, long segmentBytes, Space space) {
    this.disk = disk;
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    this.space = space;
    this.buffer = ByteBuffer.allocateDirect(Records.HEADER + LogRecord.MAX_BODY);
  }

  /** A full file that recovery has found. */
  void found(Segment segment, long indexLength) {
    segments.add(segment);
    indexBytes.put(segment, indexLength);
  }

  /** Goes on writing to a file that recovery has found. */
  void goOn(Segment segment) throws IOException {
    file = SegmentFile.open(disk, segment.path(), segment.readableEnd(), buffer);
    current = segment;
    preamble = SegmentHeader.LENGTH;
    segments.add(segment);
  }

  /** Begins a file, with what must be known of each queue. */
  void begin(long firstOffset, Collection<StoredQueue> queues, long now) throws IOException {
    Path path = folder.resolve(String.format("%019d.log", firstOffset));
    try {
      file = write(path, firstOffset, queues, now);
      halfBegun = false;
    } catch (IOException failure) {
      halfBegun = !SegmentFile.discard(disk, path, failure);
      throw failure;
    }
    preamble = file.length();
    current = new Segment(path, firstOffset, new SparseIndex());
    current.readableEnd(preamble);
    segments.add(current);
    space.count(preamble);
  }

  private SegmentFile write(Path path, long firstOffset, Collection<StoredQueue> queues, long now)
      throws IOException {
    SegmentHeader header = new SegmentHeader(KIND, firstOffset, now);
    SegmentFile next = SegmentFile.create(disk, path, header, buffer);
    try {
      for (StoredQueue queue : queues) {
        if (queue.id() != 0 && !queue.isRemoved()) {
          QueueState state = queue.state();
          ByteBuffer room = next.room(Records.HEADER + state.size());
          LogRecord.queue(room, next.flags(), state, firstOffset, now);
        }
      }
      next.flush();
      next.sync();
    } catch (IOException failure) {
      next.close();
      throw failure;
    }
    next.committed();
    return next;
  }

  /** Notes what is in a file that nothing is written to any more, in memory and beside it. */
  void seal(Segment full, long nextOffset, int nextId, Collection<StoredQueue> queues) {
    Map<Integer, Long> lastOffsets = new HashMap<>();
    for (StoredQueue queue : queues) {
      if (queue.lastWritten() >= full.firstOffset()) {
        full.refer(queue, queue.lastWritten());
        lastOffsets.put(queue.id(), queue.lastWritten());
      }
    }
    full.seal(nextOffset);
    List<QueueState> states =
        queues.stream().filter(queue -> queue.id() != 0).map(StoredQueue::state).toList();
    writeIndex(
        full,
        new SegmentIndex(
            full.readableEnd(), nextOffset, nextId, states, lastOffsets, full.index()));
  }

  /** A start without it takes longer; that is all. */
  void writeIndex(Segment full, SegmentIndex index) {
    try {
      long length = index.write(disk, full.indexPath());
      space.count(length);
      indexBytes.put(full, length);
    } catch (IOException failure) {
      LOG.warn("Cannot write {}; the next start will read the records", full.indexPath(), failure);
      deleteQuietly(full.indexPath());
    }
  }

  private void deleteQuietly(Path path) {
    try {
      disk.delete(path);
    } catch (IOException kept) {
      LOG.warn("Cannot delete {}", path, kept);
    }
  }

  /** Deletes the full files that no queue needs any more. */
  void reclaim() {
    boolean changed = false;
    for (Segment candidate : segments) {
      if (candidate.isNeeded()) {
        continue;
      }
      try {
        disk.delete(candidate.path());
        segments.remove(candidate);
        changed = true;
        deleteQuietly(candidate.indexPath());
        Long index = indexBytes.remove(candidate);
        space.count(-candidate.readableEnd() - (index == null ? 0 : index));
      } catch (IOException kept) {
        LOG.warn("Cannot delete {}, which nobody needs; trying again", candidate.path(), kept);
      }
    }
    if (changed) {
      try {
        disk.syncFolder(folder);
      } catch (IOException unsynced) {
        LOG.warn("Deleted files of {} may come back after a power cut", folder, unsynced);
      }
    }
  }

  /** All files, the oldest first. Any thread. */
  List<Segment> segments() {
    return segments;
  }

  /** The file being written. */
  SegmentFile file() {
    return file;
  }

  /** The same, as readers see it. */
  Segment current() {
    return current;
  }

  /** Whether a record of this size belongs into a new file. */
  boolean isFull(int bytes) {
    boolean hasRecords = file.length() > preamble;
    return halfBegun || hasRecords && file.length() - preamble + bytes > segmentBytes;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
