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
import java.util.Comparator;
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

  private final Disk disk;
  private final Path folder;
  private final LogReader reader;
  private final Map<Integer, QueueState> queues = new HashMap<>();
  private final List<Recovered.Full> full = new ArrayList<>();
  private Optional<Segment> last = Optional.empty();
  private Map<Integer, Amount> inLast = Map.of();
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
      if (LogName.isLog(path)) {
        files.add(path);
      }
    }
    files = removeCovered(files);
    removeLeftOver(files);
    files = new Migration(disk, reader).run(files);
    for (int i = 0; i < files.size(); i++) {
      boolean isLast = i + 1 == files.size();
      long following = isLast ? Long.MAX_VALUE : LogName.of(files.get(i + 1)).first();
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
    return new Recovered(byName.values(), full, last, inLast, free, nextId, bytes);
  }

  /**
   * The sources of a file that was merged from them, and stood in for them, when the power failed:
   * their records would be found twice.
   */
  private List<Path> removeCovered(List<Path> files) throws IOException {
    List<Path> newestFirst = new ArrayList<>(files);
    newestFirst.sort(Comparator.comparing((Path path) -> LogName.of(path).generation()).reversed());
    List<Path> kept = new ArrayList<>(files);
    for (Path path : newestFirst) {
      LogName name = LogName.of(path);
      if (!kept.contains(path) || !name.isMerged()) {
        continue;
      }
      for (Path other : List.copyOf(kept)) {
        if (!other.equals(path) && name.covers(LogName.of(other))) {
          LOG.info("{} stands in for {}, which is deleted", path, other);
          disk.delete(other);
          kept.remove(other);
        }
      }
    }
    if (kept.size() < files.size()) {
      disk.syncFolder(folder);
    }
    return kept;
  }

  /**
   * A file that was being removed, a merged file that was not finished, the index of a file that
   * was reclaimed, or that of one that is written to again: it would hide what is added.
   */
  private void removeLeftOver(List<Path> files) throws IOException {
    Set<Path> wanted = new HashSet<>();
    for (int i = 0; i < files.size(); i++) {
      if (i + 1 < files.size() || LogName.of(files.get(i)).isMerged()) {
        wanted.add(SegmentIndex.beside(files.get(i)));
      }
    }
    boolean changed = false;
    for (Path path : disk.list(folder)) {
      String name = path.getFileName().toString();
      boolean stale = name.endsWith(".idx") && !wanted.contains(path);
      if (stale || name.endsWith(LogName.UNFINISHED) || name.endsWith(Trash.GONE)) {
        disk.delete(path);
        changed = true;
      }
    }
    if (changed) {
      disk.syncFolder(folder);
    }
  }

  private void open(Path path, long following, boolean isLast) throws IOException {
    LogName name = LogName.of(path);
    boolean sound;
    boolean bare;
    boolean empty;
    try (DiskFile file = disk.open(path)) {
      sound = SegmentHeader.read(path, file).isPresent();
      Segment segment = new Segment(path, name.first(), new SparseIndex());
      // A file that began within the range of a merged one would be taken for one of its sources.
      nextOffset = Math.max(nextOffset, Math.max(segment.firstOffset(), name.following()));
      if (isLast && sound && !name.isMerged()) {
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
    full.add(new Recovered.Full(indexed, index.shares(), size, Optional.empty()));
    bytes += index.length() + size;
  }

  /** Reads a full file whose index is missing; false if there is no record in it. */
  private boolean readAll(Segment segment, DiskFile file, long following) throws IOException {
    Map<Integer, Share> shares = new HashMap<>();
    long size = Math.max(file.size(), SegmentHeader.LENGTH);
    RecordScanner scanner =
        new RecordScanner(file, SegmentHeader.LENGTH, size, LogRecord.MAX_BODY, following);
    Preamble preamble = new Preamble();
    while (scanner.next()) {
      if (scanner.afterDamage()) {
        reader.damage(segment, scanner.start());
      }
      preamble.note(scanner);
      take(segment, scanner, shares);
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
    full.add(new Recovered.Full(segment, shares, 0, Optional.of(index(segment, shares))));
    return true;
  }

  private void readLast(Segment segment, DiskFile file) throws IOException {
    Map<Integer, Share> shares = new HashMap<>();
    RecordScanner scanner = scanner(file, SegmentHeader.LENGTH);
    long end = SegmentHeader.LENGTH;
    boolean decayed = false;
    boolean begun = full.isEmpty();
    Preamble preamble = new Preamble();
    while (scanner.next()) {
      if (scanner.afterDamage() && !scanner.synced() && !isDecay(file, scanner.start())) {
        break;
      }
      if (scanner.afterDamage()) {
        decayed = true;
        reader.damage(segment, scanner.start());
      }
      preamble.note(scanner);
      take(segment, scanner, shares);
      end = scanner.validEnd();
      begun |= scanner.type() != LogRecord.QUEUE;
    }
    if (end < file.size()) {
      LOG.info("{} ends in a torn write; cutting off {} bytes", segment.path(), file.size() - end);
    }
    segment.readableEnd(end);
    bytes += end;
    if (decayed || !begun) {
      // Definitions of queues may be among what is lost, or the power failed before they all were
      // there. The files before this one can only go when it has them all: a new one has.
      segment.seal(nextOffset);
      full.add(new Recovered.Full(segment, shares, 0, Optional.of(index(segment, shares))));
    } else {
      last = Optional.of(segment);
      inLast = new HashMap<>();
      shares.forEach((id, share) -> inLast.put(id, share.amount()));
    }
  }

  private SegmentIndex index(Segment segment, Map<Integer, Share> shares) {
    return new SegmentIndex(
        segment.readableEnd(),
        nextOffset,
        nextId,
        List.copyOf(queues.values()),
        shares,
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

  /**
   * The definitions that a file begins with: all queues that there were. What an older file knows
   * beside them was removed since, and the record that says so may have gone with its file.
   */
  private final class Preamble {

    private final Set<Integer> defined = new HashSet<>();
    private boolean complete = true;
    private boolean over;

    void note(RecordScanner record) {
      complete &= !record.afterDamage();
      if (over) {
        return;
      }
      if (record.type() == LogRecord.QUEUE) {
        defined.add(record.body().getInt(0));
        return;
      }
      over = true;
      if (complete) {
        queues.keySet().retainAll(defined);
      }
    }
  }

  private void take(Segment segment, RecordScanner record, Map<Integer, Share> shares) {
    ByteBuffer body = record.body();
    nextOffset = Math.max(nextOffset, record.offset());
    switch (record.type()) {
      case LogRecord.DATA -> {
        segment.index().note(record.offset(), record.start());
        data(record.offset(), body, shares);
      }
      case LogRecord.QUEUE -> define(QueueState.get(body));
      case LogRecord.CHECKPOINT -> checkpoint(body.getInt(), Position.get(body));
      case LogRecord.REMOVED -> {
        int id = body.getInt();
        queues.remove(id);
        shares.remove(id);
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
      queues.put(id, queue.at(position));
    }
  }

  private void data(long offset, ByteBuffer body, Map<Integer, Share> shares) {
    nextOffset = Math.max(nextOffset, offset + 1);
    int count = LogRecord.queues(body);
    int length = LogRecord.record(body).remaining();
    for (int i = 0; i < count; i++) {
      int id = LogRecord.id(body, i);
      QueueState queue = queues.get(id);
      Amount end = Amount.NONE;
      if (queue != null) {
        queue = queue.plusOne(offset, length);
        queues.put(id, queue);
        end = queue.appended();
      }
      // Also when its definition is damaged here: the next file defines it again.
      Share before = shares.get(id);
      Amount amount = before == null ? Amount.NONE : before.amount();
      shares.put(id, new Share(offset, amount.plusOne(length), end));
      nextId = Math.max(nextId, id + 1);
    }
  }
}
