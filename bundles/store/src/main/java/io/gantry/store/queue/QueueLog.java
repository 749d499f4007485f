package io.gantry.store.queue;

import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.Disk;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.StoreException.Kind;
import io.gantry.spi.store.StoreStatus;
import io.gantry.store.queue.QueueState.Position;
import io.gantry.store.segment.Records;
import io.gantry.store.writer.Journal;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log that all queues share. Positions of the queues are records of the same log, so that one
 * sync covers messages and positions.
 *
 * <p>After a failed write or sync the log goes back to its last commit by cutting the file; what
 * was not committed is refused, whatever a later sync says. If the file cannot be cut, the log goes
 * on in a new one; if that fails, too, nothing is accepted until a new file can be made.
 *
 * <p>Fields marked so are owned by the writer thread; the rest is for any thread.
 */
public final class QueueLog implements QueueStore, Journal, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QueueLog.class);
  private static final long TAIL_BYTES = 8L << 20;
  private static final int MAX_RECORD = 1 << 20;
  private static final int MAX_NAME = 256;
  private static final int MAX_QUEUES = 65_535;
  private static final long OFFSET_GAP = 1L << 32;

  private final Space space;
  private final InstantSource clock;
  private final StoreWriter writer;
  private final Map<String, StoredQueue> queues = new ConcurrentHashMap<>();
  private final TailBudget budget = new TailBudget(TAIL_BYTES, queues.values());
  private final Map<String, EndpointShare> endpoints = new ConcurrentHashMap<>();
  private final StoreBounds bounds;
  private final LogFiles files;
  private final LogReader reader;
  private final Retention retention;
  private final Compactor compactor;
  private volatile long durableOffset;
  private volatile long appended;
  private volatile @Nullable String broken;

  // Owned by the writer thread.
  private final List<StoredQueue> defined = new ArrayList<>();
  private long nextOffset;
  private int nextId;

  private QueueLog(
      Disk disk,
      StoreSettings settings,
      Space space,
      InstantSource clock,
      StoreWriter writer,
      ThreadFactory threads,
      Drops drops) {
    Path folder = folder(settings);
    this.space = space;
    this.clock = clock;
    this.writer = writer;
    this.files = new LogFiles(disk, folder, settings.segmentBytes(), space);
    this.bounds = settings.bounds();
    this.reader = new LogReader(disk, files::segments, drops);
    this.retention = new Retention(space, files, settings, drops);
    this.compactor =
        new Compactor(disk, files, reader, settings, queues::values, space, clock, threads);
  }

  private static Path folder(StoreSettings settings) {
    return settings.directory().resolve("queues");
  }

  /** Recovers what is on disk. The writer must not run yet. */
  public static QueueLog open(
      Disk disk,
      StoreSettings settings,
      Space space,
      InstantSource clock,
      StoreWriter writer,
      ThreadFactory threads,
      Drops drops)
      throws IOException {
    QueueLog log = new QueueLog(disk, settings, space, clock, writer, threads, drops);
    disk.createFolder(folder(settings));
    log.restore(new Recovery(disk, folder(settings), log.reader).run());
    return log;
  }

  private void restore(Recovered found) throws IOException {
    nextOffset = found.nextOffset();
    nextId = found.nextId();
    durableOffset = nextOffset - 1;
    found
        .queues()
        .forEach(
            state -> queues.put(state.name(), recovered(state, found.inLast().get(state.id()))));
    found.full().forEach(this::restore);
    space.count(found.bytes());
    Optional<Segment> last = found.last();
    if (last.isPresent()) {
      files.goOn(last.get());
    } else {
      begin();
      queues.values().forEach(StoredQueue::rolled);
    }
    files.reclaim();
  }

  private StoredQueue recovered(QueueState state, @Nullable Amount inLast) {
    return StoredQueue.recovered(
        this, budget, endpoint(state.name()), state, inLast == null ? Amount.NONE : inLast);
  }

  private EndpointShare endpoint(String queue) {
    return endpoints.computeIfAbsent(
        EndpointShare.endpoint(queue), name -> new EndpointShare(name, bounds));
  }

  private void restore(Recovered.Full full) {
    for (StoredQueue queue : queues.values()) {
      Share share = full.shares().get(queue.id());
      if (share != null) {
        full.segment().refer(queue, share);
      }
    }
    files.found(full.segment(), full.indexBytes());
    full.rebuilt().ifPresent(index -> files.writeIndex(full.segment(), index));
  }

  // ---- QueueStore

  /** Begins to keep the files few, on a thread of its own. */
  public void start() {
    compactor.start();
  }

  @Override
  public CompletionStage<Long> append(byte[] record, QueueTarget... targets) {
    if (record.length > MAX_RECORD || targets.length == 0 || targets.length > MAX_QUEUES) {
      throw new IllegalArgumentException(
          "Append: expected at most "
              + MAX_RECORD
              + " bytes and 1 to "
              + MAX_QUEUES
              + " queues, found "
              + record.length
              + " bytes and "
              + targets.length
              + " queues");
    }
    Append append = new Append(record, Targets.of(targets, this::named, latestExpiry()));
    writer.submit(append);
    return append;
  }

  private long latestExpiry() {
    return bounds.maxAge().isZero()
        ? QueueTarget.NEVER
        : clock.millis() / 1000 + bounds.maxAge().toSeconds();
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
    return queues.computeIfAbsent(
        name, unknown -> new StoredQueue(this, budget, endpoint(unknown), unknown));
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
    Optional<String> problem = Optional.ofNullable(broken).or(space::problem);
    int segments = files.segments().size();
    List<String> warnings = new ArrayList<>();
    space.warning().ifPresent(warnings::add);
    endpoints.values().forEach(endpoint -> endpoint.warning().ifPresent(warnings::add));
    return new StoreStatus(
        space.used(), space.maxBytes(), segments, appended, reader.damaged(), warnings, problem);
  }

  // ---- for the queues

  /** Offset of the newest record that is durable, in whatever queue. */
  long durableOffset() {
    return durableOffset;
  }

  void checkpoint(StoredQueue queue) {
    writer.submitLazily(new Checkpoint(queue));
  }

  void remove(StoredQueue queue) {
    if (queues.remove(queue.name(), queue)) {
      queue.removed();
      writer.submitLazily(new Removal(queue));
    }
  }

  Scan scan(StoredQueue queue, long from, ScanPosition at, int maxBytes) throws IOException {
    return reader.scan(queue, from, durableOffset, at, maxBytes);
  }

  /** How many records of a queue lie between two offsets, both included. */
  Amount count(StoredQueue queue, long from, long to) {
    Amount count = Amount.NONE;
    long next = from;
    ScanPosition position = ScanPosition.UNKNOWN;
    try {
      while (next <= to) {
        Scan scan = reader.scan(queue, next, to, position, MAX_RECORD);
        for (Entry entry : scan.entries()) {
          count = count.plusOne(entry.record().length);
        }
        next = scan.nextOffset();
        position = scan.nextPosition();
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
  public boolean alwaysSynced() {
    return false;
  }

  @Override
  public boolean isFull(int bytes) {
    return broken != null || files.isFull(bytes);
  }

  @Override
  public void roll() throws IOException {
    if (broken != null) {
      replaceFile();
      return;
    }
    files.file().sync();
    Segment full = files.current();
    AutoCloseable old = files.file();
    begin();
    finish(full, old);
  }

  private void reclaim() {
    files.reclaim();
    if (!files.trash().isEmpty()) {
      compactor.wake();
    }
    // A store that refuses records fills no file any more: nothing else would make it look.
    if (space.problem().isPresent()) {
      compactor.wake();
    }
  }

  /** What is done with in the file that is being written takes room as well. */
  @Override
  public void refused() {
    if (space.isFull() && files.hasDeadWeight(queues.values())) {
      try {
        roll();
      } catch (IOException failure) {
        LOG.warn("Cannot begin a file to make room; trying again with the next record", failure);
      }
    }
    reclaim();
  }

  private void begin() throws IOException {
    Segment current = files.current();
    if (current != null && nextOffset == current.firstOffset()) {
      // A file with nothing but positions in it; the next one needs a name of its own.
      nextOffset++;
    }
    files.begin(nextOffset, queues.values(), clock.millis());
  }

  private void finish(Segment full, AutoCloseable old) {
    files.seal(full, nextOffset, nextId, queues.values());
    files.reclaim();
    compactor.wake();
    try {
      old.close();
    } catch (Exception kept) {
      LOG.warn("Cannot close {}", full.path(), kept);
    }
  }

  @Override
  public void flush() throws IOException {
    files.file().flush();
  }

  @Override
  public void sync() throws IOException {
    files.file().sync();
  }

  @Override
  public void committed() {
    files.file().committed();
    long end = files.file().committedEnd();
    space.count(end - files.current().readableEnd());
    files.current().readableEnd(end);
    durableOffset = nextOffset - 1;
    defined.clear();
  }

  @Override
  public void rollback(StoreException failure) {
    LOG.error("Going back to the last record that is safe: {}", failure.getMessage());
    nextOffset = durableOffset + 1;
    defined.forEach(queue -> queue.id(0));
    defined.clear();
    files.current().index().cut(files.file().committedEnd());
    try {
      files.file().rollback();
    } catch (IOException uncut) {
      broken = "Cannot cut " + files.current().path() + " back: " + uncut.getMessage();
      LOG.error("{}; the next record begins a new file", broken, uncut);
    }
  }

  /**
   * The old file may have anything behind its durable end, valid records included: offsets go on
   * far behind whatever it may hold, so that none is used twice.
   */
  private void replaceFile() throws IOException {
    Segment full = files.current();
    AutoCloseable old = files.file();
    try {
      nextOffset = durableOffset + OFFSET_GAP;
      begin();
    } catch (IOException stillBroken) {
      nextOffset = durableOffset + 1;
      throw new StoreException(Kind.BROKEN, broken + "; nor can a new file be made", stillBroken);
    }
    durableOffset = nextOffset - 1;
    LOG.info("Going on in {}", files.current().path());
    broken = null;
    finish(full, old);
  }

  private void define(StoredQueue queue) throws IOException {
    if (queue.id() == 0 && !queue.isRemoved()) {
      QueueState state = queue.state(nextId);
      ByteBuffer room = files.file().room(Records.HEADER + state.size());
      LogRecord.queue(room, files.file().flags(), state, nextOffset, clock.millis());
      queue.id(nextId++);
      defined.add(queue);
    }
  }

  /** Closes the file; the writer must have ended. */
  @Override
  public void close() throws IOException {
    compactor.close();
    files.close();
  }

  private final class Append extends CompletableFuture<Long> implements Job {

    private final byte[] record;
    private final Targets targets;
    private long offset = -1;

    Append(byte[] record, Targets targets) {
      this.record = record;
      this.targets = targets;
    }

    @Override
    public Journal journal() {
      return QueueLog.this;
    }

    @Override
    public int size() {
      return Records.HEADER + LogRecord.dataSize(targets.size(), record.length);
    }

    @Override
    public void admit() throws StoreException {
      long uncommitted = files.file().length() - files.current().readableEnd();
      retention.require(uncommitted, size(), record.length, targets.queues());
    }

    @Override
    public void write() throws IOException {
      int size = size();
      for (StoredQueue queue : targets.queues()) {
        define(queue);
      }
      ByteBuffer room = files.file().room(size);
      offset = nextOffset++;
      files.current().index().note(offset, files.file().length());
      int flags = files.file().flags();
      LogRecord.data(room, flags, targets, ByteBuffer.wrap(record), offset, clock.millis());
      for (StoredQueue queue : targets.queues()) {
        queue.written(offset, record.length);
      }
    }

    @Override
    public void done() {
      appended++;
      for (int i = 0; i < targets.size(); i++) {
        targets.queues()[i].appended(new Entry(offset, record, targets.expiresAt(i)));
      }
      budget.keep();
      complete(offset);
    }

    @Override
    public void failed(StoreException failure) {
      if (offset >= 0) {
        for (StoredQueue queue : targets.queues()) {
          queue.unwritten();
        }
      }
      completeExceptionally(failure);
    }
  }

  private final class Checkpoint implements Job {

    private final StoredQueue queue;
    private Position position = Position.BEGIN;

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
      position = queue.checkpointTaken();
      if (queue.isRemoved()) {
        return;
      }
      define(queue);
      ByteBuffer room = files.file().room(size());
      int flags = files.file().flags();
      LogRecord.checkpoint(room, flags, queue.id(), position, nextOffset, clock.millis());
    }

    @Override
    public void done() {
      queue.checkpointed(position.committed());
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
        ByteBuffer room = files.file().room(size());
        LogRecord.removed(room, files.file().flags(), queue.id(), nextOffset, clock.millis());
      }
    }

    @Override
    public void done() {
      files.forget(queue);
      reclaim();
    }

    @Override
    public void failed(StoreException failure) {
      LOG.warn("{} is not removed for good yet: {}", queue, failure.getMessage());
      writer.postpone(this);
    }
  }
}
