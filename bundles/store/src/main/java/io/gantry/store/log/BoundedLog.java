package io.gantry.store.log;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreException;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.writer.Journal;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that keeps the newest records: files of an eighth of the bound, the oldest of which is
 * deleted before a new one would break the bound. Each file has a sparse index in memory, so that a
 * reader that follows the end reads little.
 *
 * <p>Fields marked so are owned by the writer thread; the rest is for any thread.
 */
public final class BoundedLog implements RetainedLog, Journal, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BoundedLog.class);
  private static final int KIND = 2;
  private static final int RECORD = 1;
  private static final int FILES = 8;
  private static final int MAX_RECORD = 1 << 20;
  private static final int BUFFER = 256 * 1024;

  private final Disk disk;
  private final Path folder;
  private final long maxBytes;
  private final Space space;
  private final InstantSource clock;
  private final StoreWriter writer;
  private final Drops drops;
  private final List<LogPart> parts = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile long next;

  // Owned by the writer thread.
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private SegmentFile file;
  private long nextOffset;
  private boolean uncut;

  /** A file that could not be begun may be there: nothing is written to the one before it. */
  private boolean halfBegun;

  private long expected;

  private BoundedLog(
      Disk disk,
      Path folder,
      long maxBytes,
      Space space,
      InstantSource clock,
      StoreWriter writer,
      Drops drops) {
    this.disk = disk;
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.space = space;
    this.clock = clock;
    this.writer = writer;
    this.drops = drops;
  }

  /** Recovers what is on disk. Nothing must be written to it meanwhile. */
  public static BoundedLog open(
      Disk disk,
      Path folder,
      long maxBytes,
      Space space,
      InstantSource clock,
      StoreWriter writer,
      Drops drops)
      throws IOException {
    BoundedLog log = new BoundedLog(disk, folder, maxBytes, space, clock, writer, drops);
    disk.createFolder(folder);
    log.recover();
    return log;
  }

  // ---- recovery

  private void recover() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : disk.list(folder)) {
      if (path.getFileName().toString().matches("\\d{19}\\.log")) {
        files.add(path);
      }
    }
    boolean sound = false;
    for (int i = 0; i < files.size(); i++) {
      boolean isLast = i + 1 == files.size();
      long following = isLast ? Long.MAX_VALUE : firstOffset(files.get(i + 1));
      sound = recover(files.get(i), following, isLast);
    }
    next = nextOffset;
    if (sound) {
      LogPart last = parts.get(parts.size() - 1);
      file = SegmentFile.open(disk, last.path(), last.end(), buffer);
    } else {
      begin();
    }
  }

  private static long firstOffset(Path path) {
    return Long.parseLong(path.getFileName().toString().substring(0, 19));
  }

  /** Reads one file; whether it can be written to. */
  private boolean recover(Path path, long following, boolean isLast) throws IOException {
    LogPart part = new LogPart(path, firstOffset(path));
    try (DiskFile source = disk.open(path)) {
      boolean sound = SegmentHeader.read(path, source).isPresent();
      long size = Math.max(source.size(), SegmentHeader.LENGTH);
      RecordScanner scanner =
          new RecordScanner(source, SegmentHeader.LENGTH, size, MAX_RECORD, following - 1);
      part.end(SegmentHeader.LENGTH);
      nextOffset = Math.max(nextOffset, part.firstOffset());
      while (scanner.next()) {
        if (scanner.afterDamage() && isLast && !scanner.synced() && !isDecay(source, scanner)) {
          break;
        }
        if (scanner.afterDamage()) {
          damaged(part, scanner.start());
        }
        part.index().note(scanner.offset(), scanner.start());
        part.end(scanner.validEnd());
        nextOffset = scanner.offset() + 1;
      }
      if (!isLast && nextOffset < following && size > part.end()) {
        damaged(part, size);
      }
      if (sound || part.end() > SegmentHeader.LENGTH) {
        parts.add(part);
        return sound;
      }
    }
    LOG.warn("{} holds nothing that can be read; deleting it", path);
    disk.delete(path);
    disk.syncFolder(folder);
    return false;
  }

  private static boolean isDecay(DiskFile source, RecordScanner at) throws IOException {
    RecordScanner ahead =
        new RecordScanner(source, at.start(), source.size(), MAX_RECORD, Long.MAX_VALUE);
    while (ahead.next()) {
      if (ahead.synced()) {
        return true;
      }
    }
    return false;
  }

  private void damaged(LogPart part, long position) {
    LOG.error(
        "{} is damaged before position {}; the records there are lost", part.path(), position);
    drops.dropped(
        DropReason.CORRUPT, "store", part.path() + " is damaged before position " + position);
  }

  // ---- RetainedLog

  @Override
  public CompletionStage<Long> append(byte[] record) {
    long longest = Math.min(MAX_RECORD, maxBytes / 2 - SegmentHeader.LENGTH - Records.HEADER);
    if (record.length > longest) {
      throw new IllegalArgumentException(
          "Append to log "
              + name()
              + ": expected at most "
              + longest
              + " bytes, found "
              + record.length);
    }
    Append append = new Append(record);
    writer.submit(append);
    return append;
  }

  @Override
  public List<Entry> read(long from, int maxEntries) throws IOException {
    long end = next;
    List<Entry> entries = new ArrayList<>();
    List<LogPart> snapshot = List.copyOf(parts);
    for (int i = 0; i < snapshot.size() && entries.size() < maxEntries; i++) {
      boolean passed = i + 1 < snapshot.size() && snapshot.get(i + 1).firstOffset() <= from;
      if (!passed) {
        long last = i + 1 < snapshot.size() ? snapshot.get(i + 1).firstOffset() : end;
        read(snapshot.get(i), from, last - 1, maxEntries, entries);
      }
    }
    return entries;
  }

  private void read(LogPart part, long from, long last, int maxEntries, List<Entry> entries)
      throws IOException {
    try (DiskFile source = disk.openExisting(part.path())) {
      long start = part.index().near(from);
      RecordScanner scanner = new RecordScanner(source, start, part.end(), MAX_RECORD, last);
      while (entries.size() < maxEntries && scanner.next()) {
        if (scanner.offset() >= from) {
          byte[] record = new byte[scanner.body().remaining()];
          scanner.body().get(record);
          entries.add(new Entry(scanner.offset(), record));
        }
      }
    } catch (NoSuchFileException forgotten) {
      LOG.debug("{} was forgotten while it was read", part.path());
    }
  }

  @Override
  public long first() {
    List<LogPart> snapshot = List.copyOf(parts);
    return snapshot.isEmpty() ? next : Math.min(snapshot.get(0).firstOffset(), next);
  }

  @Override
  public long next() {
    return next;
  }

  @Override
  public AutoCloseable onAppend(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  // ---- Journal, writer thread

  @Override
  public String name() {
    return String.valueOf(folder.getFileName());
  }

  @Override
  public boolean alwaysSynced() {
    return false;
  }

  private LogPart current() {
    return parts.get(parts.size() - 1);
  }

  @Override
  public boolean isFull(int bytes) {
    expected = Math.max(maxBytes / FILES, SegmentHeader.LENGTH + bytes);
    boolean hasRecords = file.length() > SegmentHeader.LENGTH;
    return uncut || halfBegun || hasRecords && file.length() + bytes > maxBytes / FILES;
  }

  @Override
  public void roll() throws IOException {
    if (uncut && current().firstOffset() == nextOffset) {
      file.rollback();
      uncut = false;
      return;
    }
    file.sync();
    forgetOldest();
    SegmentFile full = file;
    begin();
    uncut = false;
    full.close();
  }

  private void forgetOldest() throws IOException {
    long sum = parts.stream().mapToLong(LogPart::end).sum();
    while (parts.size() > 1 && sum + expected > maxBytes) {
      LogPart oldest = parts.get(0);
      disk.delete(oldest.path());
      disk.syncFolder(folder);
      parts.remove(0);
      sum -= oldest.end();
    }
  }

  private void begin() throws IOException {
    if (!parts.isEmpty() && current().firstOffset() == nextOffset) {
      // Only a file whose header is damaged and that lost all its records.
      nextOffset++;
      next = nextOffset;
    }
    Path path = folder.resolve(String.format("%019d.log", nextOffset));
    SegmentHeader header = new SegmentHeader(KIND, nextOffset, clock.millis());
    try {
      file = SegmentFile.create(disk, path, header, buffer);
      halfBegun = false;
    } catch (IOException failure) {
      halfBegun = !SegmentFile.discard(disk, path, failure);
      throw failure;
    }
    LogPart part = new LogPart(path, nextOffset);
    part.end(SegmentHeader.LENGTH);
    parts.add(part);
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
    file.committed();
    current().end(file.committedEnd());
    next = nextOffset;
  }

  @Override
  public void rollback(StoreException failure) {
    LOG.error("Log {} goes back to its last safe record: {}", name(), failure.getMessage());
    nextOffset = next;
    current().index().cut(file.committedEnd());
    try {
      file.rollback();
    } catch (IOException notCut) {
      uncut = true;
      LOG.error("Cannot cut {} back; going on in a new file", current().path(), notCut);
    }
  }

  private void tellListeners() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException | Error problem) {
        LOG.error("A listener of log {} failed; the others are told", name(), problem);
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
    private long offset;

    Append(byte[] record) {
      this.record = record;
    }

    @Override
    public Journal journal() {
      return BoundedLog.this;
    }

    @Override
    public int size() {
      return Records.HEADER + record.length;
    }

    @Override
    public void admit() throws StoreException {
      space.requireDisk();
    }

    @Override
    public void write() throws IOException {
      ByteBuffer room = file.room(size());
      current().index().note(nextOffset, file.length());
      offset = nextOffset++;
      int start = room.position();
      Records.begin(room, RECORD, file.flags(), record.length, offset, clock.millis());
      room.put(record);
      Records.end(room, start);
    }

    @Override
    public void done() {
      complete(offset);
      if (offset + 1 == next) {
        tellListeners();
      }
    }

    @Override
    public void failed(StoreException failure) {
      completeExceptionally(failure);
    }
  }
}
