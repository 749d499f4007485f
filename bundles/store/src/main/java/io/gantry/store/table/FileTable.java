package io.gantry.store.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.StoreException;
import io.gantry.spi.store.Table;
import io.gantry.store.writer.Journal;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small map that survives: each change writes the whole map to a temporary file, syncs it and
 * renames it over the old one, so the file is always one whole state. Changes that wait together
 * cost one such write. Meant for states of some kilobytes that change now and then.
 */
public final class FileTable implements Table, Journal {

  private static final Logger LOG = LoggerFactory.getLogger(FileTable.class);
  private static final long MAGIC = 0x47414E5454424C1AL; // "GANTTBL", end of text
  private static final int VERSION = 1;
  private static final int MAX_VALUE = 16 << 20;

  private final Disk disk;
  private final Path path;
  private final Space space;
  private final StoreWriter writer;
  private final Map<String, byte[]> visible = new ConcurrentHashMap<>();

  // Owned by the writer thread.
  private final Map<String, byte[]> next = new TreeMap<>();
  private long length;

  private FileTable(Disk disk, Path path, Space space, StoreWriter writer) {
    this.disk = disk;
    this.path = path;
    this.space = space;
    this.writer = writer;
  }

  /** Reads what is on disk. Nothing must be written to it meanwhile. */
  public static FileTable open(Disk disk, Path path, Space space, StoreWriter writer)
      throws IOException {
    FileTable table = new FileTable(disk, path, space, writer);
    table.read();
    return table;
  }

  private void read() throws IOException {
    disk.createFolder(path.getParent());
    if (!disk.list(path.getParent()).contains(path)) {
      return;
    }
    ByteBuffer content;
    try (DiskFile file = disk.open(path)) {
      content = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(0, content);
      content.flip();
    }
    if (!decode(content)) {
      Path aside = path.resolveSibling(path.getFileName() + ".damaged");
      disk.rename(path, aside);
      disk.syncFolder(path.getParent());
      LOG.error("{} is damaged; set aside as {}, the table is empty now", path, aside);
      return;
    }
    length = content.limit();
    space.count(length);
    visible.putAll(next);
  }

  private boolean decode(ByteBuffer content) throws StoreException {
    if (content.remaining() < 20 || content.getLong(0) != MAGIC) {
      return false;
    }
    int version = content.getInt(8);
    if (version > VERSION) {
      throw new StoreException(
          StoreException.Kind.BROKEN,
          "Cannot open "
              + path
              + ": expected format version "
              + VERSION
              + " or older, found "
              + version
              + "; it was written by a newer Gantry");
    }
    int end = content.limit() - Integer.BYTES;
    if (content.getInt(end) != crc(content.duplicate().limit(end))) {
      return false;
    }
    content.position(12);
    int count = content.getInt();
    for (int i = 0; i < count; i++) {
      byte[] key = new byte[content.getInt()];
      content.get(key);
      byte[] value = new byte[content.getInt()];
      content.get(value);
      next.put(new String(key, UTF_8), value);
    }
    return true;
  }

  private ByteBuffer encode() {
    int size = 20;
    for (Map.Entry<String, byte[]> entry : next.entrySet()) {
      size += 8 + entry.getKey().getBytes(UTF_8).length + entry.getValue().length;
    }
    ByteBuffer content = ByteBuffer.allocate(size);
    content.putLong(MAGIC).putInt(VERSION).putInt(next.size());
    next.forEach(
        (key, value) -> {
          byte[] name = key.getBytes(UTF_8);
          content.putInt(name.length).put(name).putInt(value.length).put(value);
        });
    content.putInt(crc(content.duplicate().flip()));
    return content.flip();
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.rewind());
    return (int) crc.getValue();
  }

  @Override
  public Optional<byte[]> get(String key) {
    return Optional.ofNullable(visible.get(key)).map(byte[]::clone);
  }

  @Override
  public Set<String> keys() {
    return new TreeSet<>(visible.keySet());
  }

  @Override
  public CompletionStage<Void> put(String key, byte[] value) {
    if (value.length > MAX_VALUE) {
      throw new IllegalArgumentException(
          "Table " + name() + ": expected at most " + MAX_VALUE + " bytes, found " + value.length);
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
    return "table " + path.getFileName();
  }

  /** The whole of it is here: a table is always synced, whatever the policy. */
  @Override
  public void flush() throws IOException {
    ByteBuffer content = encode();
    int size = content.remaining();
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (DiskFile file = disk.open(fresh)) {
      file.truncate(0);
      file.write(0, content);
      file.sync();
    }
    disk.rename(fresh, path);
    disk.syncFolder(path.getParent());
    space.count(size - length);
    length = size;
  }

  @Override
  public void sync() {
    // flush did it
  }

  @Override
  public void committed() {
    visible.keySet().retainAll(next.keySet());
    visible.putAll(next);
  }

  @Override
  public void rollback(StoreException failure) {
    next.clear();
    next.putAll(visible);
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
      return value == null ? 0 : value.length;
    }

    @Override
    public void write() {
      if (value == null) {
        next.remove(key);
      } else {
        next.put(key, value);
      }
    }

    @Override
    public void done() {
      complete(null);
    }

    @Override
    public void failed(StoreException failure) {
      completeExceptionally(failure);
    }
  }
}
