package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.segment.SparseIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is still needed of some adjacent full files into one that stands in for them. Until
 * it has its name it is nothing, from then on its sources are nothing; both is durable before
 * anything is deleted. Used once, by one thread.
 */
final class Merger {

  /**
   * What was made.
   *
   * @param segment the file
   * @param indexBytes length of the file beside it
   */
  record Merged(Segment segment, long indexBytes) {}

  private static final int BUFFER = 256 * 1024;

  /** A sync of much at once would hold up those of the writer. */
  private static final long SYNC_BYTES = 4L << 20;

  private final Disk disk;
  private final LogReader reader;
  private final List<Segment> sources;
  private final Path path;
  private final Path unfinished;
  private final LogName name;
  private final Map<Integer, StoredQueue> needy = new HashMap<>();
  private final Map<Integer, Share> shares = new HashMap<>();
  private final SparseIndex index = new SparseIndex();
  private long synced;

  /**
   * @param sources adjacent full files, the oldest first
   * @param following first offset of the file behind them
   */
  Merger(Disk disk, LogReader reader, List<Segment> sources, long following) {
    this.disk = disk;
    this.reader = reader;
    this.sources = sources;
    int generation = 1;
    for (Segment source : sources) {
      generation = Math.max(generation, LogName.of(source.path()).generation() + 1);
    }
    this.name = new LogName(sources.get(0).firstOffset(), following, generation);
    this.path = sources.get(0).path().resolveSibling(name.text());
    this.unfinished = path.resolveSibling(name.text() + LogName.UNFINISHED);
  }

  /**
   * Writes the file.
   *
   * @param queues all queues
   * @return empty when nothing of the sources is needed any more
   */
  Optional<Merged> run(Collection<StoredQueue> queues, long now) throws IOException {
    SegmentHeader header = new SegmentHeader(LogFiles.KIND, name.first(), now);
    long length;
    List<QueueState> states;
    try (SegmentFile file =
        SegmentFile.create(disk, unfinished, header, ByteBuffer.allocate(BUFFER))) {
      states = define(file, queues, name.first(), now);
      for (Segment source : sources) {
        copy(source, file);
      }
      file.flush();
      file.sync();
      file.committed();
      length = file.committedEnd();
    }
    if (shares.isEmpty()) {
      discard();
      return Optional.empty();
    }
    return Optional.of(finish(length, states));
  }

  /**
   * Removes whatever there is of the file, durably, after {@link #run} has failed. Until this has
   * succeeded nothing else may be merged: the file would be found beside the one that follows.
   */
  void discard() throws IOException {
    disk.delete(unfinished);
    disk.delete(path);
    disk.delete(SegmentIndex.beside(path));
    disk.syncFolder(path.getParent());
  }

  private Merged finish(long length, List<QueueState> states) throws IOException {
    Segment merged = new Segment(path, name.first(), index);
    merged.readableEnd(length);
    shares.forEach((id, share) -> merged.refer(queue(id), share));
    merged.seal(name.following());
    int nextId = states.stream().mapToInt(QueueState::id).max().orElse(0) + 1;
    SegmentIndex beside = new SegmentIndex(length, name.following(), nextId, states, shares, index);
    long indexBytes = beside.write(disk, merged.indexPath());
    disk.rename(unfinished, path);
    disk.syncFolder(path.getParent());
    return new Merged(merged, indexBytes);
  }

  private StoredQueue queue(int id) {
    StoredQueue queue = needy.get(id);
    if (queue == null) {
      throw new IllegalStateException("a record of queue " + id + " was kept, which nobody needs");
    }
    return queue;
  }

  /** A start that has lost the index finds the names of the queues here. */
  private static List<QueueState> define(
      SegmentFile file, Collection<StoredQueue> queues, long first, long now) throws IOException {
    List<QueueState> states = new ArrayList<>();
    for (StoredQueue queue : queues) {
      if (queue.id() != 0 && !queue.isRemoved()) {
        QueueState state = queue.durableState();
        ByteBuffer room = file.room(Records.HEADER + state.size());
        LogRecord.queue(room, file.flags(), state, first, now);
        states.add(state);
      }
    }
    return states;
  }

  private void copy(Segment source, SegmentFile file) throws IOException {
    source.shares().keySet().forEach(queue -> needy.put(queue.id(), queue));
    try (DiskFile from = disk.openExisting(source.path())) {
      RecordScanner scanner =
          new RecordScanner(
              from,
              SegmentHeader.LENGTH,
              source.readableEnd(),
              LogRecord.MAX_BODY,
              source.lastOffset());
      while (scanner.next()) {
        if (scanner.afterDamage()) {
          reader.damage(source, scanner.start());
        }
        if (scanner.type() == LogRecord.DATA) {
          copy(source, scanner, file);
        }
      }
      if (scanner.afterDamage()) {
        reader.damage(source, source.readableEnd());
      }
    }
  }

  private void copy(Segment source, RecordScanner scanner, SegmentFile file) throws IOException {
    ByteBuffer body = scanner.body();
    KeptReferences needed = new KeptReferences();
    for (int i = 0; i < LogRecord.queues(body); i++) {
      int id = LogRecord.id(body, i);
      StoredQueue queue = needy.get(id);
      boolean waits =
          queue != null && !queue.isRemoved() && queue.safelyCommitted() < scanner.offset();
      if (waits) {
        needed.add(id, LogRecord.expiry(body, i));
        note(id, scanner.offset(), LogRecord.record(body).remaining(), source.shares().get(queue));
      }
    }
    if (needed.size() > 0) {
      ByteBuffer record = LogRecord.record(body);
      int size = Records.HEADER + LogRecord.dataSize(needed.size(), record.remaining());
      ByteBuffer room = file.room(size);
      index.note(scanner.offset(), file.length());
      LogRecord.data(room, file.flags(), needed, record, scanner.offset(), scanner.time());
      if (file.length() - synced >= SYNC_BYTES) {
        file.flush();
        file.sync();
        synced = file.length();
      }
    }
  }

  private void note(int id, long offset, int length, @Nullable Share inSource) {
    Share before = shares.get(id);
    Amount amount = before == null ? Amount.NONE : before.amount();
    Amount end = inSource == null ? amount : inSource.end();
    shares.put(id, new Share(offset, amount.plusOne(length), end));
  }
}
