package io.gantry.store.log;

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
 * A log that keeps the newest records: segment files of an eighth of the bound, the oldest of which
 * is deleted before a new one would break the bound. Each file has a sparse index in memory, so
 * that a reader that follows the end reads little.
 *
 * <p>Fields marked so are owned by the writer thread; the rest is for any thread.
 */
public final class BoundedLog implements RetainedLog, Journal, AutoCloseable {

  static final int KIND = 2;

  private static final Logger LOG = LoggerFactory.getLogger(BoundedLog.class);
  private static final int RECORD = 1;
  private static final int FILES = 8;
  private static final int MAX_RECORD = 1 << 20;

  private final Disk disk;
  private final Path folder;
  private final long segmentBytes;
  private final long maxBytes;
  private final Space space;
  private final InstantSource clock;
  private final StoreWriter writer;
  private final List<Part> parts = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile long next;

  // Owned by the writer thread.
  private final ByteBuffer buffer = ByteBuffer.allocate(Records.HEADER + Records.MAX_BODY);
  private SegmentFile file;
  private long nextOffset;

  private BoundedLog(
      Disk disk, Path folder, long maxBytes, Space space, InstantSource clock, StoreWriter writer) {
    this.disk = disk;
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.segmentBytes = maxBytes / FILES;
    this.space = space;
    this.clock = clock;
    this.writer = writer;
  }

  /** Recovers what is on disk. Nothing must be written to it meanwhile. */
  public static BoundedLog open(
      Disk disk, Path folder, long maxBytes, Space space, InstantSource clock, StoreWriter writer)
      throws IOException {
    BoundedLog log = new BoundedLog(disk, folder, maxBytes, space, clock, writer);
    log.recover();
    return log;
  }

  private void recover() throws IOException {
    disk.createFolder(folder);
    for (Path path : disk.list(folder)) {
      String name = path.getFileName().toString();
      if (name.matches("\\d{19}\\.log")) {
        recover(path, Long.parseLong(name.substring(0, 19)));
      }
    }
    next = nextOffset;
    Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (last != null && last.end < segmentBytes) {
      file = SegmentFile.open(disk, last.path, last.end, buffer);
    } else {
      begin();
    }
  }

  private void recover(Path path, long firstOffset) throws IOException {
    try (DiskFile source = disk.open(path)) {
      if (source.size() < SegmentHeader.LENGTH) {
        disk.delete(path);
        return;
      }
      if (SegmentHeader.read(path, source).isEmpty()) {
        LOG.error("The header of {} is damaged; reading its records all the same", path);
      }
      nextOffset = Math.max(nextOffset, firstOffset);
      Part part = new Part(path, firstOffset);
      RecordScanner scanner = new RecordScanner(source, SegmentHeader.LENGTH, source.size());
      while (scanner.next()) {
        part.index(scanner.offset(), scanner.validEnd() - scanner.length());
        nextOffset = Math.max(nextOffset, scanner.offset() + 1);
      }
      if (scanner.damaged() > 0) {
        LOG.error(
            "{} has damage in {} places; the records there are lost", path, scanner.damaged());
      }
      part.end = scanner.validEnd();
      parts.add(part);
      space.count(part.end);
    }
  }

  @Override
  public CompletionStage<Long> append(byte[] record) {
    if (record.length > MAX_RECORD) {
      throw new IllegalArgumentException(
          "Append: expected at most " + MAX_RECORD + " bytes, found " + record.length);
    }
    Append append = new Append(record);
    writer.submit(append);
    return append;
  }

  @Override
  public List<Entry> read(long from, int maxEntries) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long end = next;
    for (Part part : parts) {
      Part following = following(part);
      if (following != null && following.firstOffset <= from) {
        continue;
      }
      try (DiskFile source = disk.open(part.path)) {
        RecordScanner scanner = new RecordScanner(source, part.near(from), part.end);
        while (entries.size() < maxEntries && scanner.next()) {
          if (scanner.offset() >= from && scanner.offset() < end) {
            byte[] record = new byte[scanner.body().remaining()];
            scanner.body().get(record);
            entries.add(new Entry(scanner.offset(), record));
          }
        }
      }
      if (entries.size() == maxEntries) {
        break;
      }
    }
    return entries;
  }

  private Part following(Part part) {
    int index = parts.indexOf(part) + 1;
    return index > 0 && index < parts.size() ? parts.get(index) : null;
  }

  @Override
  public long first() {
    return parts.isEmpty() ? next : Math.min(parts.get(0).firstOffset, next);
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
    return folder.getFileName().toString();
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
    Part last = parts.get(parts.size() - 1);
    space.count(file.length() - last.end);
    file.committed();
    last.end = file.durableEnd();
    next = nextOffset;
    listeners.forEach(Runnable::run);
  }

  @Override
  public void rollback(StoreException failure) {
    nextOffset = next;
    try {
      file.rollback();
      Part last = parts.get(parts.size() - 1);
      last.cut(file.durableEnd());
    } catch (IOException broken) {
      LOG.error("Cannot cut {} back; what is behind its end is skipped", file.path(), broken);
    }
  }

  private void rollIfFull(int size) throws IOException {
    if (file.length() + size <= segmentBytes || file.length() <= SegmentHeader.LENGTH) {
      return;
    }
    file.flush();
    file.sync();
    committed();
    SegmentFile full = file;
    forgetOldest();
    begin();
    full.close();
  }

  private void forgetOldest() throws IOException {
    long sum = parts.stream().mapToLong(part -> part.end).sum();
    while (parts.size() > 1 && sum + segmentBytes > maxBytes) {
      Part oldest = parts.get(0);
      disk.delete(oldest.path);
      disk.syncFolder(folder);
      parts.remove(0);
      space.count(-oldest.end);
      sum -= oldest.end;
    }
  }

  private void begin() throws IOException {
    Path path = folder.resolve(String.format("%019d.log", nextOffset));
    SegmentHeader header = new SegmentHeader(KIND, nextOffset, clock.millis());
    file = SegmentFile.create(disk, path, header, buffer);
    Part part = new Part(path, nextOffset);
    part.end = SegmentHeader.LENGTH;
    parts.add(part);
    space.count(part.end);
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
    public void write() throws IOException {
      space.require(size());
      rollIfFull(size());
      ByteBuffer room = file.room(size());
      parts.get(parts.size() - 1).index(nextOffset, file.length());
      offset = nextOffset++;
      int start = room.position();
      Records.begin(room, RECORD, record.length, offset, clock.millis());
      room.put(record);
      Records.end(room, start);
    }

    @Override
    public void done() {
      complete(offset);
    }

    @Override
    public void failed(StoreException failure) {
      completeExceptionally(failure);
    }
  }

  /** One file, with the position of about one record in 64 KiB. */
  private static final class Part {

    private static final int STEP = 64 * 1024;

    final Path path;
    final long firstOffset;
    volatile long end;
    private final List<long[]> index = new CopyOnWriteArrayList<>();

    Part(Path path, long firstOffset) {
      this.path = path;
      this.firstOffset = firstOffset;
    }

    void index(long offset, long position) {
      boolean far = index.isEmpty() || position - index.get(index.size() - 1)[1] >= STEP;
      if (far) {
        index.add(new long[] {offset, position});
      }
    }

    void cut(long end) {
      index.removeIf(entry -> entry[1] >= end);
    }

    long near(long from) {
      long position = SegmentHeader.LENGTH;
      for (long[] entry : index) {
        if (entry[0] <= from) {
          position = entry[1];
        }
      }
      return position;
    }
  }
}
