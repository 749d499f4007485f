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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the log, named by their first offset; the last one is being written. Each begins
 * with all queues and their positions, so that any older one can be deleted as soon as nobody needs
 * its messages. Owned by the writer thread; the methods about the list of files are for any.
 */
final class LogFiles implements AutoCloseable {

  /** The kind in the header of our files. */
  static final int KIND = 1;

  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final Disk disk;
  private final Path folder;
  private final long segmentBytes;
  private final Space space;
  private final Trash trash;
  private final ByteBuffer buffer;
  private final Map<Segment, Long> indexBytes = new ConcurrentHashMap<>();
  private volatile List<Segment> segments = List.of();
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
    this.trash = new Trash(disk);
    this.buffer = ByteBuffer.allocateDirect(Records.HEADER + LogRecord.MAX_BODY);
  }

  private synchronized void add(Segment segment) {
    List<Segment> longer = new ArrayList<>(segments);
    longer.add(segment);
    longer.sort(Comparator.comparingLong(Segment::firstOffset));
    segments = List.copyOf(longer);
  }

  private synchronized boolean remove(Segment segment) {
    List<Segment> shorter = new ArrayList<>(segments);
    boolean known = shorter.remove(segment);
    segments = List.copyOf(shorter);
    return known;
  }

  /**
   * Puts a merged file in the place of its sources. A queue that was removed while they were merged
   * has no share in it.
   *
   * @return the sources that were still there, and are to be deleted; if there are none, it was not
   *     put there either
   */
  synchronized List<Segment> replace(List<Segment> sources, Segment merged, long indexLength) {
    List<Segment> changed = new ArrayList<>(segments);
    List<Segment> present = new ArrayList<>(sources);
    present.retainAll(changed);
    if (!present.isEmpty()) {
      merged.shares().keySet().removeIf(StoredQueue::isRemoved);
      changed.set(changed.indexOf(present.get(0)), merged);
      changed.removeAll(present);
      indexBytes.put(merged, indexLength);
      space.count(merged.readableEnd() + indexLength);
      segments = List.copyOf(changed);
    }
    return present;
  }

  /** A removed queue needs nothing any more. */
  synchronized void forget(StoredQueue queue) {
    segments.forEach(segment -> segment.forget(queue));
  }

  /** A full file that recovery has found. */
  void found(Segment segment, long indexLength) {
    add(segment);
    indexBytes.put(segment, indexLength);
  }

  /** Goes on writing to a file that recovery has found. */
  void goOn(Segment segment) throws IOException {
    file = SegmentFile.open(disk, segment.path(), segment.readableEnd(), buffer);
    current = segment;
    preamble = SegmentHeader.LENGTH;
    add(segment);
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
    add(current);
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
    Map<Integer, Share> shares = new HashMap<>();
    for (StoredQueue queue : queues) {
      if (queue.lastWritten() >= full.firstOffset()) {
        Share share = queue.share();
        full.refer(queue, share);
        shares.put(queue.id(), share);
      }
      queue.rolled();
    }
    full.seal(nextOffset);
    List<QueueState> states =
        queues.stream().filter(queue -> queue.id() != 0).map(StoredQueue::state).toList();
    writeIndex(
        full,
        new SegmentIndex(full.readableEnd(), nextOffset, nextId, states, shares, full.index()));
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

  private void takeQuietly(Segment segment) {
    try {
      trash.take(segment.path(), segment.readableEnd());
    } catch (IOException kept) {
      LOG.warn("Cannot delete {}; the next start does", segment.path(), kept);
    }
  }

  private void deleteQuietly(Path path) {
    try {
      disk.delete(path);
    } catch (IOException kept) {
      LOG.warn("Cannot delete {}", path, kept);
    }
  }

  /** Deletes the full files that no queue needs any more. Any thread. */
  void reclaim() {
    boolean changed = false;
    for (Segment candidate : segments) {
      if (!candidate.isNeeded()) {
        changed |= delete(candidate);
      }
    }
    if (changed) {
      syncFolder();
    }
  }

  /** Deletes a full file; true when it has gone, now. */
  private boolean delete(Segment segment) {
    if (!remove(segment)) {
      return false;
    }
    try {
      trash.take(segment.path(), segment.readableEnd());
    } catch (IOException kept) {
      LOG.warn("Cannot delete {}, which nobody needs; trying again", segment.path(), kept);
      add(segment);
      return false;
    }
    deleteQuietly(segment.indexPath());
    uncount(segment);
    return true;
  }

  private void uncount(Segment segment) {
    Long index = indexBytes.remove(segment);
    space.count(-segment.readableEnd() - (index == null ? 0 : index));
  }

  /** Deletes files that a merged one stands in for. */
  void deleteReplaced(List<Segment> sources) {
    for (Segment source : sources) {
      takeQuietly(source);
      deleteQuietly(source.indexPath());
      uncount(source);
    }
    syncFolder();
  }

  /** Deletes a merged file whose sources were not needed any more when it was ready. */
  void abandon(Segment merged) {
    deleteQuietly(merged.path());
    deleteQuietly(merged.indexPath());
    syncFolder();
  }

  private void syncFolder() {
    try {
      disk.syncFolder(folder);
    } catch (IOException unsynced) {
      LOG.warn("Deleted files of {} may come back after a power cut", folder, unsynced);
    }
  }

  /** Where files go that nobody needs. */
  Trash trash() {
    return trash;
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

  /** Whether so much of the file being written is needed no more that it should end here. */
  boolean hasDeadWeight(Collection<StoredQueue> queues) {
    long live = 0;
    for (StoredQueue queue : queues) {
      if (queue.lastWritten() >= current.firstOffset()) {
        live += queue.share().live(queue);
      }
    }
    return file.length() - preamble - live >= segmentBytes / 8;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
