package io.gantry.store.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.Records;
import io.gantry.store.segment.SegmentFile;
import io.gantry.store.segment.SegmentHeader;
import io.gantry.store.writer.Journal;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small map that survives: changes are appended to a file, which is written anew when most of it
 * is out of date (to a temporary file that is renamed over the old one). A change costs what it is
 * long, whatever the size of the map. Bodies of records: length of the key (int), key, value;
 * removals have no value.
 */
public final class FileTable implements Table, Journal, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FileTable.class);
  private static final int KIND = 3;
  private static final int PUT = 1;
  private static final int REMOVE = 2;
  private static final int MAX_VALUE = 16 << 20;
  private static final int MAX_KEY = 64 * 1024;
  private static final int BUFFER = 4 * 1024;
  private static final long SLACK = 64 * 1024;

  private final Disk disk;
  private final Path path;
  private final InstantSource clock;
  private final StoreWriter writer;
  private final Drops drops;
  private final Map<String, byte[]> values = new ConcurrentHashMap<>();

  // Owned by the writer thread.
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private SegmentFile file;
  private long nextOffset;
  private long live;
  private boolean uncut;
  private boolean renamed;

  private FileTable(Disk disk, Path path, InstantSource clock, StoreWriter writer, Drops drops) {
    this.disk = disk;
    this.path = path;
    this.clock = clock;
    this.writer = writer;
    this.drops = drops;
  }

  /** Reads what is on disk. Nothing must be written to it meanwhile. */
  public static FileTable open(
      Disk disk, Path path, InstantSource clock, StoreWriter writer, Drops drops)
      throws IOException {
    FileTable table = new FileTable(disk, path, clock, writer, drops);
    disk.createFolder(path.getParent());
    table.read();
    return table;
  }

  // ---- recovery

  private void read() throws IOException {
    List<Path> files = disk.list(path.getParent());
    if (!files.contains(path) && files.contains(fresh())) {
      disk.rename(fresh(), path);
      disk.syncFolder(path.getParent());
    } else if (!files.contains(path)) {
      file = create(path);
      return;
    }
    disk.delete(fresh());
    boolean sound;
    boolean empty;
    long end = SegmentHeader.LENGTH;
    try (DiskFile source = disk.open(path)) {
      sound = SegmentHeader.read(path, source).isPresent();
      long size = Math.max(source.size(), end);
      RecordScanner scanner = scanner(source, end, size);
      while (scanner.next()) {
        if (scanner.afterDamage() && !scanner.synced() && !isDecay(source, scanner)) {
          break;
        }
        if (scanner.afterDamage()) {
          damaged(scanner.start());
        }
        take(scanner);
        end = scanner.validEnd();
      }
      empty = source.size() <= SegmentHeader.LENGTH;
    }
    if (sound) {
      file = SegmentFile.open(disk, path, end, buffer);
    } else if (empty) {
      // The power failed when it was made.
      file = create(path);
    } else {
      setAside();
    }
  }

  /**
   * Goes on in a new file with what could be read. The old one is there until the new one is whole,
   * and {@link #read} finds the new one if the power fails between the two renames.
   */
  private void setAside() throws IOException {
    Path aside = path.resolveSibling(path.getFileName() + ".damaged");
    damaged(0);
    LOG.error("The header of {} is damaged; set aside as {}, its records are kept", path, aside);
    SegmentFile anew = writeFresh();
    disk.rename(path, aside);
    disk.rename(fresh(), path);
    disk.syncFolder(path.getParent());
    file = anew;
  }

  private static RecordScanner scanner(DiskFile source, long from, long end) {
    return new RecordScanner(source, from, end, MAX_VALUE + MAX_KEY, Long.MAX_VALUE);
  }

  private static boolean isDecay(DiskFile source, RecordScanner at) throws IOException {
    RecordScanner ahead = scanner(source, at.start(), source.size());
    while (ahead.next()) {
      if (ahead.synced()) {
        return true;
      }
    }
    return false;
  }

  private void damaged(long position) {
    LOG.error("{} is damaged before position {}; older values stand", path, position);
    drops.dropped(DropReason.CORRUPT, "store", path + " is damaged");
  }

  private void take(RecordScanner record) {
    ByteBuffer body = record.body();
    byte[] key = new byte[body.getInt()];
    body.get(key);
    byte[] value = null;
    if (record.type() == PUT) {
      value = new byte[body.remaining()];
      body.get(value);
    }
    apply(new String(key, UTF_8), value);
    nextOffset = record.offset() + 1;
  }

  private void apply(String key, byte @Nullable [] value) {
    byte[] old = value == null ? values.remove(key) : values.put(key, value);
    live += value == null ? 0 : size(key, value);
    live -= old == null ? 0 : size(key, old);
  }

  private static int size(String key, byte @Nullable [] value) {
    int length = value == null ? 0 : value.length;
    return Records.HEADER + Integer.BYTES + key.getBytes(UTF_8).length + length;
  }

  // ---- Table

  @Override
  public Optional<byte[]> get(String key) {
    return Optional.ofNullable(values.get(key)).map(byte[]::clone);
  }

  @Override
  public Set<String> keys() {
    return new TreeSet<>(values.keySet());
  }

  @Override
  public CompletionStage<Void> put(String key, byte[] value) {
    if (value.length > MAX_VALUE || key.length() > MAX_KEY / 4) {
      throw new IllegalArgumentException(
          "Table "
              + name()
              + ": expected a key of at most "
              + MAX_KEY / 4
              + " characters and a value of at most "
              + MAX_VALUE
              + " bytes, found "
              + key.length()
              + " and "
              + value.length);
    }
    return change(key, value.clone());
  }

  @Override
  public CompletionStage<Void> remove(String key) {
    return change(key, null);
  }

  private CompletionStage<Void> change(String key, byte @Nullable [] value) {
    Change change = new Change(key, value);
    writer.submit(change);
    return change;
  }

  // ---- Journal, writer thread

  @Override
  public String name() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public boolean alwaysSynced() {
    return true;
  }

  @Override
  public boolean isFull(int bytes) {
    return uncut || file.length() + bytes > 2 * live + SLACK && live + SLACK < file.length();
  }

  private Path fresh() {
    return path.resolveSibling(path.getFileName() + ".new");
  }

  private SegmentFile create(Path where) throws IOException {
    return SegmentFile.create(
        disk, where, new SegmentHeader(KIND, nextOffset, clock.millis()), buffer);
  }

  /** The file becomes what is valid now, in one step. */
  @Override
  public void roll() throws IOException {
    SegmentFile old = file;
    SegmentFile anew = writeFresh();
    try {
      disk.rename(fresh(), path);
    } catch (IOException failure) {
      anew.close();
      throw failure;
    }
    file = anew;
    uncut = false;
    renamed = true;
    old.close();
    syncFolder();
  }

  private SegmentFile writeFresh() throws IOException {
    SegmentFile anew = create(fresh());
    try {
      for (Map.Entry<String, byte[]> entry : values.entrySet()) {
        append(anew, entry.getKey(), entry.getValue());
      }
      anew.flush();
      anew.sync();
      anew.committed();
      return anew;
    } catch (IOException failure) {
      anew.close();
      SegmentFile.discard(disk, fresh(), failure);
      throw failure;
    }
  }

  /** Until this has succeeded nothing in the new file is safe: a power cut may show the old one. */
  private void syncFolder() throws IOException {
    if (renamed) {
      disk.syncFolder(path.getParent());
      renamed = false;
    }
  }

  private void append(SegmentFile target, String key, byte @Nullable [] value) throws IOException {
    byte[] name = key.getBytes(UTF_8);
    int length = Integer.BYTES + name.length + (value == null ? 0 : value.length);
    ByteBuffer room = target.room(Records.HEADER + length);
    int start = room.position();
    int type = value == null ? REMOVE : PUT;
    Records.begin(room, type, target.flags(), length, nextOffset++, clock.millis());
    room.putInt(name.length).put(name);
    if (value != null) {
      room.put(value);
    }
    Records.end(room, start);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void sync() throws IOException {
    file.sync();
    syncFolder();
  }

  @Override
  public void committed() {
    file.committed();
  }

  @Override
  public void rollback(StoreException failure) {
    LOG.error("Table {} goes back to its last safe change: {}", name(), failure.getMessage());
    try {
      file.rollback();
    } catch (IOException notCut) {
      uncut = true;
      LOG.error("Cannot cut {} back; the next change writes it anew", path, notCut);
    }
  }

  /** Closes the file; the writer must have ended. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class Change extends CompletableFuture<Void> implements Job {

    private final String key;
    private final byte @Nullable [] value;

    Change(String key, byte @Nullable [] value) {
      this.key = key;
      this.value = value;
    }

    @Override
    public Journal journal() {
      return FileTable.this;
    }

    @Override
    public int size() {
      return FileTable.size(key, value);
    }

    @Override
    public boolean isVital() {
      return true;
    }

    @Override
    public void write() throws IOException {
      append(file, key, value);
    }

    @Override
    public void done() {
      apply(key, value);
      complete(null);
    }

    @Override
    public void failed(StoreException failure) {
      completeExceptionally(failure);
    }
  }
}
