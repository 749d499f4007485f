package io.gantry.store.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.QueueTarget;
import io.gantry.store.queue.QueueState.Position;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.segment.SparseIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites files of format 1, which knew no expiry and counted no bytes: what still waits, in the
 * present form, file by file. The new files stand in for the old ones as merged files do, so that
 * it may be interrupted at any moment and goes on at the next start. Used once, by one thread.
 */
final class Migration {

  private static final Logger LOG = LoggerFactory.getLogger(Migration.class);
  private static final int BUFFER = 256 * 1024;

  /** Types and layout of the records of format 1. */
  private static final int OLD_DATA = 1;

  private static final int OLD_QUEUE = 2;
  private static final int OLD_CHECKPOINT = 3;
  private static final int OLD_REFERENCE = Integer.BYTES;

  private final Disk disk;
  private final LogReader reader;
  private final Map<Integer, QueueState> queues = new HashMap<>();
  private final Map<Path, Long> lastOffsets = new HashMap<>();

  Migration(Disk disk, LogReader reader) {
    this.disk = disk;
    this.reader = reader;
  }

  /** Rewrites those that are old, and says what files there are then, the oldest first. */
  List<Path> run(List<Path> files) throws IOException {
    List<Path> old = new ArrayList<>();
    for (Path path : files) {
      if (isOld(path)) {
        old.add(path);
      }
    }
    if (old.isEmpty()) {
      return files;
    }
    LOG.info("{} files of an older format are rewritten", old.size());
    for (Path path : files) {
      look(path);
    }
    queues.replaceAll(
        (id, queue) -> queue.at(new Position(queue.position().committed(), Amount.NONE)));
    List<Path> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path path = files.get(i);
      long following =
          i + 1 < files.size()
              ? LogName.of(files.get(i + 1)).first()
              : Math.max(LogName.of(path).first(), lastOffsets.get(path)) + 1;
      all.add(old.contains(path) ? rewrite(path, following) : counted(path));
    }
    return all;
  }

  private boolean isOld(Path path) throws IOException {
    try (DiskFile file = disk.openExisting(path)) {
      if (SegmentHeader.version(file) != 0) {
        return SegmentHeader.version(file) < SegmentHeader.VERSION;
      }
      RecordScanner scanner = scanner(file);
      return scanner.next() && scanner.type() <= OLD_CHECKPOINT;
    }
  }

  private static RecordScanner scanner(DiskFile file) throws IOException {
    return new RecordScanner(
        file, SegmentHeader.LENGTH, file.size(), LogRecord.MAX_BODY, Long.MAX_VALUE);
  }

  /** Learns the queues and their positions at the end of the log. */
  private void look(Path path) throws IOException {
    try (DiskFile file = disk.openExisting(path)) {
      RecordScanner scanner = scanner(file);
      while (scanner.next()) {
        look(scanner);
        lastOffsets.put(path, scanner.offset());
      }
      lastOffsets.putIfAbsent(path, -1L);
    }
  }

  private void look(RecordScanner scanner) {
    ByteBuffer body = scanner.body();
    switch (scanner.type()) {
      case OLD_QUEUE -> define(oldQueue(body));
      case LogRecord.QUEUE -> define(QueueState.get(body));
      case OLD_CHECKPOINT -> commit(body.getInt(), body.getLong());
      case LogRecord.CHECKPOINT -> commit(body.getInt(), Position.get(body).committed());
      case LogRecord.REMOVED -> queues.remove(body.getInt());
      default -> {
        // Data is for the second look.
      }
    }
  }

  private static QueueState oldQueue(ByteBuffer body) {
    int id = body.getInt();
    long committed = body.getLong();
    body.getLong();
    body.getLong();
    long last = body.getLong();
    byte[] name = new byte[body.getShort()];
    body.get(name);
    return new QueueState(
        id, new String(name, UTF_8), new Position(committed, Amount.NONE), Amount.NONE, last);
  }

  private void define(QueueState state) {
    queues.merge(
        state.id(),
        new QueueState(state.id(), state.name(), state.position(), Amount.NONE, state.last()),
        (known, now) -> known.position().committed() > now.position().committed() ? known : now);
  }

  private void commit(int id, long committed) {
    queues.computeIfPresent(
        id,
        (same, queue) ->
            committed > queue.position().committed()
                ? queue.at(new Position(committed, Amount.NONE))
                : queue);
  }

  /** A file that was rewritten before an interruption. */
  private Path counted(Path path) throws IOException {
    try (DiskFile file = disk.openExisting(path)) {
      RecordScanner scanner = scanner(file);
      while (scanner.next()) {
        ByteBuffer body = scanner.body();
        for (int i = 0; scanner.type() == LogRecord.DATA && i < LogRecord.queues(body); i++) {
          count(LogRecord.id(body, i), scanner.offset(), LogRecord.record(body).remaining());
        }
      }
    }
    return path;
  }

  private void count(int id, long offset, long length) {
    queues.computeIfPresent(id, (same, queue) -> queue.plusOne(offset, length));
  }

  private Path rewrite(Path path, long following) throws IOException {
    LogName name = new LogName(LogName.of(path).first(), following, 1);
    Path target = path.resolveSibling(name.text());
    Path unfinished = path.resolveSibling(name.text() + LogName.UNFINISHED);
    long now;
    try (DiskFile from = disk.openExisting(path)) {
      now = SegmentHeader.read(path, from).map(SegmentHeader::created).orElse(0L);
      SegmentHeader header = new SegmentHeader(LogFiles.KIND, name.first(), now);
      try (SegmentFile to =
          SegmentFile.create(disk, unfinished, header, ByteBuffer.allocate(BUFFER))) {
        for (QueueState queue : List.copyOf(queues.values())) {
          ByteBuffer room = to.room(Records.HEADER + queue.size());
          LogRecord.queue(room, to.flags(), queue, name.first(), now);
        }
        copy(path, from, to);
        to.flush();
        to.sync();
      }
    }
    disk.rename(unfinished, target);
    disk.syncFolder(path.getParent());
    disk.delete(path);
    disk.delete(SegmentIndex.beside(path));
    disk.syncFolder(path.getParent());
    return target;
  }

  private void copy(Path path, DiskFile from, SegmentFile to) throws IOException {
    RecordScanner scanner = scanner(from);
    while (scanner.next()) {
      if (scanner.afterDamage() && scanner.synced()) {
        reader.damage(new Segment(path, 0, new SparseIndex()), scanner.start());
      }
      if (scanner.type() == OLD_DATA) {
        copy(scanner, to);
      }
    }
  }

  private void copy(RecordScanner scanner, SegmentFile to) throws IOException {
    ByteBuffer body = scanner.body();
    int count = body.getShort(0) & 0xFFFF;
    int start = Short.BYTES + count * OLD_REFERENCE;
    ByteBuffer record = body.slice(start, body.limit() - start);
    KeptReferences waiting = new KeptReferences();
    for (int i = 0; i < count; i++) {
      QueueState queue = queues.get(body.getInt(Short.BYTES + i * OLD_REFERENCE));
      if (queue != null && queue.position().committed() < scanner.offset()) {
        waiting.add(queue.id(), LogRecord.expiry(QueueTarget.NEVER));
        count(queue.id(), scanner.offset(), record.remaining());
      }
    }
    if (waiting.size() > 0) {
      ByteBuffer room =
          to.room(Records.HEADER + LogRecord.dataSize(waiting.size(), record.remaining()));
      LogRecord.data(room, to.flags(), waiting, record, scanner.offset(), scanner.time());
    }
  }
}
