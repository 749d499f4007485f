package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.store.queue.QueueState.Position;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.segment.SparseIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what the log is from its files, the oldest first, and believes nothing whose checksum
 * does not match. Of a full file only its index is read, if it is sound; of the last one all
 * records. Damage costs the records it hits. In the last file it is a torn write unless a later
 * record testifies that everything before it was durable; from a torn write on the file is cut off.
 * Used once, by one thread.
 */
final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final String LOG_FILE = "\\d{19}\\.log";

  private final Disk disk;
  private final Path folder;
  private final LogReader reader;
  private final Map<Integer, QueueState> queues = new HashMap<>();
  private final List<Recovered.Full> full = new ArrayList<>();
  private Optional<Segment> last = Optional.empty();
  private long nextOffset;
  private int nextId = 1;
  private long bytes;

  Recovery(Disk disk, Path folder, LogReader reader) {
    this.disk = disk;
    this.folder = folder;
    this.reader = reader;
  }

  Recovered run() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : disk.list(folder)) {
      if (path.getFileName().toString().matches(LOG_FILE)) {
        files.add(path);
      }
    }
    removeStaleIndexes(files);
    for (int i = 0; i < files.size(); i++) {
      boolean isLast = i + 1 == files.size();
      long following = isLast ? Long.MAX_VALUE : firstOffset(files.get(i + 1));
      open(files.get(i), following, isLast);
    }
    Map<String, QueueState> byName = new HashMap<>();
    for (QueueState queue : queues.values()) {
      nextOffset = Math.max(nextOffset, queue.position().committed() + 1);
      // A queue that was removed and made again, and the power failed before the removal was safe.
      byName.merge(queue.name(), queue, (one, other) -> one.id() > other.id() ? one : other);
    }
    boolean nameTaken = full.stream().anyMatch(each -> each.segment().firstOffset() == nextOffset);
    long free = last.isEmpty() && nameTaken ? nextOffset + 1 : nextOffset;
    return new Recovered(byName.values(), full, last, free, nextId, bytes);
  }

  /**
   * The index of a file that was reclaimed, or of one that is written to again: it would hide what
   * is added.
   */
  private void removeStaleIndexes(List<Path> files) throws IOException {
    Set<Path> wanted = new HashSet<>();
    files.stream()
        .limit(Math.max(0, files.size() - 1))
        .map(SegmentIndex::beside)
        .forEach(wanted::add);
    boolean changed = false;
    for (Path path : disk.list(folder)) {
      if (path.getFileName().toString().endsWith(".idx") && !wanted.contains(path)) {
        disk.delete(path);
        changed = true;
      }
    }
    if (changed) {
      disk.syncFolder(folder);
    }
  }

  private static long firstOffset(Path path) {
    return Long.parseLong(path.getFileName().toString().substring(0, 19));
  }

  private void open(Path path, long following, boolean isLast) throws IOException {
    boolean sound;
    boolean bare;
    boolean empty;
    try (DiskFile file = disk.open(path)) {
      sound = SegmentHeader.read(path, file).isPresent();
      Segment segment = new Segment(path, firstOffset(path), new SparseIndex());
      nextOffset = Math.max(nextOffset, segment.firstOffset());
      if (isLast && sound) {
        readLast(segment, file);
        return;
      }
      Optional<SegmentIndex> index = SegmentIndex.read(disk, segment.indexPath(), file.size());
      if (index.isPresent()) {
        take(segment, index.get(), following);
        return;
      }
      empty = !readAll(segment, file, following);
      bare = file.size() <= SegmentHeader.LENGTH;
      if (empty && !bare) {
        reader.damage(segment, file.size());
      }
    }
    if (!empty && !sound) {
      LOG.error("The header of {} is damaged; its records are read all the same", path);
    } else if (bare) {
      LOG.info("{} was begun when the power failed; nothing is in it", path);
      disk.delete(path);
      disk.syncFolder(folder);
    } else if (empty) {
      Path aside = path.resolveSibling(path.getFileName() + ".damaged");
      disk.rename(path, aside);
      disk.syncFolder(folder);
      LOG.error("{} holds no readable record; set aside as {}", path, aside);
    }
  }

  private void take(Segment segment, SegmentIndex index, long following) {
    queues.clear();
    index.queues().forEach(queue -> queues.put(queue.id(), queue));
    nextOffset = Math.max(nextOffset, index.nextOffset());
    nextId = Math.max(nextId, index.nextId());
    Segment indexed = new Segment(segment.path(), segment.firstOffset(), index.index());
    indexed.readableEnd(index.length());
    indexed.seal(following);
    int size = index.size();
    full.add(new Recovered.Full(indexed, index.lastOffsets(), size, Optional.empty()));
    bytes += index.length() + size;
  }

  /** Reads a full file whose index is missing; false if there is no record in it. */
  private boolean readAll(Segment segment, DiskFile file, long following) throws IOException {
    Map<Integer, Long> lastOffsets = new HashMap<>();
    long size = Math.max(file.size(), SegmentHeader.LENGTH);
    RecordScanner scanner =
        new RecordScanner(file, SegmentHeader.LENGTH, size, LogRecord.MAX_BODY, following);
    while (scanner.next()) {
      if (scanner.afterDamage()) {
        reader.damage(segment, scanner.start());
      }
      take(segment, scanner, lastOffsets);
    }
    if (scanner.validEnd() == SegmentHeader.LENGTH) {
      return false;
    }
    if (scanner.afterDamage()) {
      reader.damage(segment, size);
    }
    segment.readableEnd(scanner.validEnd());
    segment.seal(following);
    bytes += scanner.validEnd();
    full.add(new Recovered.Full(segment, lastOffsets, 0, Optional.of(index(segment, lastOffsets))));
    return true;
  }

  private void readLast(Segment segment, DiskFile file) throws IOException {
    Map<Integer, Long> lastOffsets = new HashMap<>();
    RecordScanner scanner = scanner(file, SegmentHeader.LENGTH);
    long end = SegmentHeader.LENGTH;
    boolean decayed = false;
    while (scanner.next()) {
      if (scanner.afterDamage() && !scanner.synced() && !isDecay(file, scanner.start())) {
        break;
      }
      if (scanner.afterDamage()) {
        decayed = true;
        reader.damage(segment, scanner.start());
      }
      take(segment, scanner, lastOffsets);
      end = scanner.validEnd();
    }
    if (end < file.size()) {
      LOG.info("{} ends in a torn write; cutting off {} bytes", segment.path(), file.size() - end);
    }
    segment.readableEnd(end);
    bytes += end;
    if (decayed) {
      // Definitions of queues may be among what is lost: a new file has them all.
      segment.seal(nextOffset);
      full.add(
          new Recovered.Full(segment, lastOffsets, 0, Optional.of(index(segment, lastOffsets))));
    } else {
      last = Optional.of(segment);
    }
  }

  private SegmentIndex index(Segment segment, Map<Integer, Long> lastOffsets) {
    return new SegmentIndex(
        segment.readableEnd(),
        nextOffset,
        nextId,
        List.copyOf(queues.values()),
        lastOffsets,
        segment.index());
  }

  /** Whether some record from here on testifies that everything before it was durable. */
  private static boolean isDecay(DiskFile file, long from) throws IOException {
    RecordScanner ahead = scanner(file, from);
    while (ahead.next()) {
      if (ahead.synced()) {
        return true;
      }
    }
    return false;
  }

  private static RecordScanner scanner(DiskFile file, long from) throws IOException {
    return new RecordScanner(file, from, file.size(), LogRecord.MAX_BODY, Long.MAX_VALUE);
  }

  private void take(Segment segment, RecordScanner record, Map<Integer, Long> lastOffsets) {
    ByteBuffer body = record.body();
    nextOffset = Math.max(nextOffset, record.offset());
    switch (record.type()) {
      case LogRecord.DATA -> {
        segment.index().note(record.offset(), record.start());
        data(record.offset(), body, lastOffsets);
      }
      case LogRecord.QUEUE -> define(QueueState.get(body));
      case LogRecord.CHECKPOINT ->
          checkpoint(body.getInt(), new Position(body.getLong(), body.getLong()));
      case LogRecord.REMOVED -> {
        int id = body.getInt();
        queues.remove(id);
        lastOffsets.remove(id);
      }
      default -> reader.damage(segment, record.start());
    }
  }

  private void define(QueueState state) {
    nextId = Math.max(nextId, state.id() + 1);
    queues.put(state.id(), state);
  }

  private void checkpoint(int id, Position position) {
    QueueState queue = queues.get(id);
    if (queue != null && position.committed() > queue.position().committed()) {
      queues.put(id, new QueueState(id, queue.name(), position, queue.appended(), queue.last()));
    }
  }

  private void data(long offset, ByteBuffer body, Map<Integer, Long> lastOffsets) {
    nextOffset = Math.max(nextOffset, offset + 1);
    int count = LogRecord.queues(body);
    for (int i = 0; i < count; i++) {
      int id = LogRecord.id(body, i);
      QueueState queue = queues.get(id);
      if (queue != null) {
        queues.put(
            id, new QueueState(id, queue.name(), queue.position(), queue.appended() + 1, offset));
      }
      // Also when its definition is damaged here: the next file defines it again.
      lastOffsets.put(id, offset);
      nextId = Math.max(nextId, id + 1);
    }
  }
}
