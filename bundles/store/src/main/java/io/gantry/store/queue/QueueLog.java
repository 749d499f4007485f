package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreStatus;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.writer.Journal;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log that all queues share: segment files named by their first offset, the last of which is
 * being written. Positions of the queues are records of the same log, so that one sync covers
 * messages and positions, and each file begins with all names and positions, so that any older file
 * can be deleted once nobody needs its messages.
 *
 * <p>Fields marked so are owned by the writer thread; the rest is for any thread.
 */
public final class QueueLog implements QueueStore, Journal, AutoCloseable {

  /** The kind in the header of our files. */
  static final int KIND = 1;

  private static final Logger LOG = LoggerFactory.getLogger(QueueLog.class);
  private static final long TAIL_BUDGET = 8L << 20;
  private static final long TAIL_SHARE_MAX = 2L << 20;
  private static final long TAIL_SHARE_MIN = 4L << 10;
  private static final int MAX_RECORD = 1 << 20;
  private static final long OFFSET_GAP = 1L << 32;
  private static final int MAX_NAME = 256;

  private final Disk disk;
  private final Path folder;
  private final StoreSettings settings;
  private final Space space;
  private final InstantSource clock;
  private final StoreWriter writer;
  private final Map<String, StoredQueue> queues = new ConcurrentHashMap<>();
  private final List<Segment> segments = new CopyOnWriteArrayList<>();
  private volatile long durableOffset;
  private volatile long appended;
  private volatile long damaged;

  // Owned by the writer thread.
  private final ByteBuffer buffer;
  private final Set<StoredQueue> touched = new HashSet<>();
  private final List<StoredQueue> defined = new ArrayList<>();
  private SegmentFile file;
  private Segment segment;
  private long nextOffset;
  private int nextId;

  private QueueLog(
      Disk disk, StoreSettings settings, Space space, InstantSource clock, StoreWriter writer) {
    this.disk = disk;
    this.folder = settings.directory().resolve("queues");
    this.settings = settings;
    this.space = space;
    this.clock = clock;
    this.writer = writer;
    this.buffer = ByteBuffer.allocateDirect(Records.HEADER + Records.MAX_BODY);
  }

  /** Recovers what is on disk. The writer must not run yet. */
  public static QueueLog open(
      Disk disk, StoreSettings settings, Space space, InstantSource clock, StoreWriter writer)
      throws IOException {
    QueueLog log = new QueueLog(disk, settings, space, clock, writer);
    log.recover();
    return log;
  }

  private void recover() throws IOException {
    disk.createFolder(folder);
    Recovery found = new Recovery(disk, folder, this);
    found.run();
    nextOffset = found.nextOffset();
    nextId = found.nextId();
    damaged = found.damaged();
    durableOffset = nextOffset - 1;
    found.queues().forEach(queue -> queues.put(queue.name(), queue));
    segments.addAll(found.segments());
    space.count(found.bytes());
    segments.forEach(Segment::seal);
    Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
    if (last != null && last.readableEnd() < settings.segmentBytes()) {
      file = SegmentFile.open(disk, last.path(), last.readableEnd(), buffer);
      segments.remove(last);
      segment = new Segment(last.path(), last.firstOffset());
      segment.readableEnd(last.readableEnd());
      segments.add(segment);
    } else {
      begin();
    }
    reclaim();
  }

  // ---- QueueStore

  @Override
  public CompletionStage<Long> append(byte[] record, Collection<String> names) {
    if (record.length > MAX_RECORD || names.isEmpty()) {
      throw new IllegalArgumentException(
          "Append: expected at most "
              + MAX_RECORD
              + " bytes and at least one queue, found "
              + record.length
              + " bytes and "
              + names.size()
              + " queues");
    }
    StoredQueue[] targets = new StoredQueue[names.size()];
    int i = 0;
    for (String name : names) {
      targets[i++] = named(name);
    }
    Append append = new Append(record, targets);
    writer.submit(append);
    return append;
  }

  @Override
  public MessageQueue queue(String name) {
    return named(name);
  }

  private StoredQueue named(String name) {
    StoredQueue queue = queues.get(name);
    if (queue != null) {
      return queue;
    }
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "Queue name: expected 1 to " + MAX_NAME + " characters, found " + name.length());
    }
    return queues.computeIfAbsent(name, unknown -> new StoredQueue(this, unknown));
  }

  @Override
  public Set<String> queues() {
    Set<String> names = new TreeSet<>();
    queues.forEach(
        (name, queue) -> {
          if (queue.pending() > 0 || queue.committed() >= 0) {
            names.add(name);
          }
        });
    return names;
  }

  @Override
  public StoreStatus status() {
    return new StoreStatus(
        space.used(), space.maxBytes(), segments.size(), appended, damaged, space.problem());
  }

  // ---- for the queues

  /** How many bytes of records one queue may hold in memory. */
  long tailShare() {
    long share = TAIL_BUDGET / Math.max(1, queues.size());
    return Math.max(TAIL_SHARE_MIN, Math.min(TAIL_SHARE_MAX, share));
  }

  void checkpoint(StoredQueue queue) {
    writer.submitLazily(new Checkpoint(queue));
  }

  void remove(StoredQueue queue) {
    if (queues.remove(queue.name(), queue)) {
      writer.submitLazily(new Removal(queue));
    }
  }

  /** Looks for durable records of a queue from an offset on, until so many bytes are gathered. */
  Scan scan(StoredQueue queue, long from, ScanPosition at, int maxBytes) throws IOException {
    long last = durableOffset;
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (Segment candidate : segments) {
      if (!candidate.mayHold(queue, from)) {
        continue;
      }
      long start = at.in(candidate, SegmentHeader.LENGTH);
      try (DiskFile source = disk.open(candidate.path())) {
        RecordScanner scanner = new RecordScanner(source, start, candidate.readableEnd());
        while (scanner.next()) {
          long offset = scanner.offset();
          boolean wanted =
              scanner.type() == LogRecord.DATA
                  && offset >= from
                  && offset <= last
                  && LogRecord.names(scanner.body(), queue.id());
          if (!wanted) {
            continue;
          }
          byte[] record = LogRecord.record(scanner.body());
          entries.add(new Entry(offset, record));
          bytes += record.length;
          if (bytes >= maxBytes) {
            return new Scan(entries, offset + 1, new ScanPosition(candidate, scanner.validEnd()));
          }
        }
      }
    }
    return new Scan(entries, last + 1, ScanPosition.UNKNOWN);
  }

  /** How many records of a queue lie between two offsets, both included. */
  long count(StoredQueue queue, long from, ScanPosition at, long to) {
    long count = 0;
    long next = from;
    ScanPosition position = at;
    try {
      while (next <= to) {
        Scan scan = scan(queue, next, position, Records.MAX_BODY);
        count += scan.entries().stream().filter(entry -> entry.offset() <= to).count();
        next = scan.nextOffset();
        position = scan.nextPosition();
        if (scan.entries().isEmpty()) {
          break;
        }
      }
    } catch (IOException unreadable) {
      LOG.warn("Cannot count what {} skips; its figure may be too high", queue, unreadable);
    }
    return count;
  }

  // ---- Journal, writer thread

  @Override
  public String name() {
    return "queues";
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public void committed() {
    space.count(file.length() - segment.readableEnd());
    file.committed();
    segment.readableEnd(file.durableEnd());
    durableOffset = nextOffset - 1;
    touched.forEach(StoredQueue::safe);
    touched.clear();
    defined.clear();
  }

  @Override
  public void rollback(StoreException failure) {
    LOG.error("Going back to the last record that is safe: {}", failure.getMessage());
    nextOffset = durableOffset + 1;
    touched.forEach(StoredQueue::unwritten);
    touched.clear();
    defined.forEach(queue -> queue.id(0));
    defined.clear();
    try {
      file.rollback();
    } catch (IOException broken) {
      LOG.error("Cannot cut {} back; going on in a new file", file.path(), broken);
      replaceFile();
    }
  }

  /**
   * The old file may have anything behind its durable end, valid records included: offsets go on
   * far behind whatever it may hold, so that none is used twice.
   */
  private void replaceFile() {
    SegmentFile broken = file;
    Segment old = segment;
    nextOffset += OFFSET_GAP;
    durableOffset = nextOffset - 1;
    try {
      begin();
      finish(broken, old);
    } catch (IOException stillBroken) {
      LOG.error("Cannot begin a new file in {}; trying again later", folder, stillBroken);
    }
  }

  private void define(StoredQueue queue) throws IOException {
    if (queue.id() == 0) {
      ByteBuffer room = file.room(LogRecord.queueSize(queue.name()));
      queue.id(nextId++);
      defined.add(queue);
      LogRecord.queue(room, queue, nextOffset, clock.millis());
    }
  }

  private void rollIfFull(int size) throws IOException {
    if (file.length() + size <= settings.segmentBytes() || file.length() <= SegmentHeader.LENGTH) {
      return;
    }
    file.flush();
    file.sync();
    SegmentFile full = file;
    Segment old = segment;
    committed();
    begin();
    finish(full, old);
  }

  private void begin() throws IOException {
    Path path = folder.resolve(String.format("%019d.log", nextOffset));
    SegmentHeader header = new SegmentHeader(KIND, nextOffset, clock.millis());
    SegmentFile next = SegmentFile.create(disk, path, header, buffer);
    long now = clock.millis();
    for (StoredQueue queue : queues.values()) {
      if (queue.id() != 0) {
        LogRecord.queue(next.room(LogRecord.queueSize(queue.name())), queue, nextOffset, now);
      }
    }
    next.flush();
    next.sync();
    next.committed();
    file = next;
    segment = new Segment(path, nextOffset);
    segment.readableEnd(next.durableEnd());
    segments.add(segment);
    space.count(next.durableEnd());
  }

  private void finish(SegmentFile full, Segment old) throws IOException {
    for (StoredQueue queue : queues.values()) {
      if (queue.lastWritten() >= old.firstOffset()) {
        old.refer(queue, queue.lastWritten());
      }
    }
    old.seal();
    full.close();
  }

  private void reclaim() {
    for (Segment candidate : segments) {
      if (!candidate.isNeeded()) {
        try {
          disk.delete(candidate.path());
          disk.syncFolder(folder);
          segments.remove(candidate);
          space.count(-candidate.readableEnd());
        } catch (IOException kept) {
          LOG.warn(
              "Cannot delete {}, which nobody needs; trying again later", candidate.path(), kept);
        }
      }
    }
  }

  /** Closes the file; the writer must have ended. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class Append extends CompletableFuture<Long> implements Job {

    private final byte[] record;
    private final StoredQueue[] targets;
    private long offset;
    private ScanPosition position = ScanPosition.UNKNOWN;

    Append(byte[] record, StoredQueue[] targets) {
      this.record = record;
      this.targets = targets;
    }

    @Override
    public Journal journal() {
      return QueueLog.this;
    }

    @Override
    public int size() {
      return Records.HEADER + LogRecord.dataSize(targets.length, record.length);
    }

    @Override
    public void write() throws IOException {
      int size = size();
      space.require(size);
      rollIfFull(size);
      for (StoredQueue queue : targets) {
        define(queue);
      }
      ByteBuffer room = file.room(size);
      position = new ScanPosition(segment, file.length());
      offset = nextOffset++;
      LogRecord.data(room, targets, record, offset, clock.millis());
      for (StoredQueue queue : targets) {
        queue.written(offset);
        touched.add(queue);
      }
    }

    @Override
    public void done() {
      appended++;
      Entry entry = new Entry(offset, record);
      for (StoredQueue queue : targets) {
        queue.appended(entry, position);
      }
      complete(offset);
    }

    @Override
    public void failed(StoreException failure) {
      completeExceptionally(failure);
    }
  }

  private final class Checkpoint implements Job {

    private final StoredQueue queue;

    Checkpoint(StoredQueue queue) {
      this.queue = queue;
    }

    @Override
    public Journal journal() {
      return QueueLog.this;
    }

    @Override
    public int size() {
      return LogRecord.CHECKPOINT_SIZE;
    }

    @Override
    public void write() throws IOException {
      queue.checkpointTaken();
      rollIfFull(size());
      define(queue);
      LogRecord.checkpoint(file.room(size()), queue, nextOffset, clock.millis());
    }

    @Override
    public void done() {
      reclaim();
    }

    @Override
    public void failed(StoreException failure) {
      LOG.warn("The position of {} is not saved yet: {}", queue, failure.getMessage());
      writer.postpone(this);
    }
  }

  private final class Removal implements Job {

    private final StoredQueue queue;

    Removal(StoredQueue queue) {
      this.queue = queue;
    }

    @Override
    public Journal journal() {
      return QueueLog.this;
    }

    @Override
    public int size() {
      return LogRecord.CHECKPOINT_SIZE;
    }

    @Override
    public void write() throws IOException {
      if (queue.id() != 0) {
        LogRecord.removed(file.room(size()), queue, nextOffset, clock.millis());
      }
    }

    @Override
    public void done() {
      segments.forEach(each -> each.forget(queue));
      reclaim();
    }

    @Override
    public void failed(StoreException failure) {
      LOG.warn("{} is not removed for good yet: {}", queue, failure.getMessage());
      writer.postpone(this);
    }
  }
}
