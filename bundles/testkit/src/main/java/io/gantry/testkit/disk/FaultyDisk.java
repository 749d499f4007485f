package io.gantry.testkit.disk;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that distinguishes what was written from what is safe, for files and for the
 * entries of folders, and fails where the test wants it to. After {@link #powerCut} or {@link
 * #kill} this disk is dead: every use of it throws; the test goes on with the disk that is found
 * afterwards. Safe for use by any number of threads.
 */
public final class FaultyDisk implements Disk {

  private static final long WAIT_SECONDS = 60;

  /** A change of a folder: an entry, or none, under a name, and in a rename the name that goes. */
  private record EntryChange(Path name, @Nullable Inode file, @Nullable Path gone) {

    void apply(Map<Path, Inode> entries) {
      if (gone != null) {
        entries.remove(gone);
      }
      if (file == null) {
        entries.remove(name);
      } else {
        entries.put(name, file);
      }
    }
  }

  private final Map<Path, Inode> entries = new TreeMap<>();
  private final Map<Path, Inode> safeEntries = new TreeMap<>();
  private final List<EntryChange> unsynced = new ArrayList<>();
  private final Set<Path> folders = new HashSet<>();
  private final Fault writeFault = new Fault("write");
  private final Fault syncFault = new Fault("sync");
  private final Fault readFault = new Fault("read");
  private final Fault truncateFault = new Fault("truncate");
  private final Fault folderFault = new Fault("sync of a folder");
  private final Fault deleteFault = new Fault("deletion");
  private long capacity = Long.MAX_VALUE;
  private boolean shortWrites;
  private boolean holding;
  private boolean off;
  private int held;
  private long syncs;
  private long bytesWritten;

  // ---- what the test does

  /** The n-th write from now on fails, and as many in a row; half of it is written if so set. */
  public synchronized void failWrite(int n, int failures) {
    writeFault.in(n, failures);
  }

  /** Whether a failing write has written half of its bytes. */
  public synchronized void shortWrites(boolean half) {
    shortWrites = half;
  }

  /**
   * The n-th sync of a file from now on fails, and as many in a row. What it should have made safe
   * never will be, although later syncs succeed.
   */
  public synchronized void failSync(int n, int failures) {
    syncFault.in(n, failures);
  }

  /** The n-th read from now on fails, and as many in a row. */
  public synchronized void failRead(int n, int failures) {
    readFault.in(n, failures);
  }

  /** The n-th truncation from now on fails, and as many in a row. */
  public synchronized void failTruncate(int n, int failures) {
    truncateFault.in(n, failures);
  }

  /** The n-th sync of a folder from now on fails, and as many in a row; its changes stay unsafe. */
  public synchronized void failFolderSync(int n, int failures) {
    folderFault.in(n, failures);
  }

  /** The n-th deletion of a file from now on fails, and as many in a row. */
  public synchronized void failDelete(int n, int failures) {
    deleteFault.in(n, failures);
  }

  /** Leaves room for so many further bytes; {@code Long.MAX_VALUE} for as many as one likes. */
  public synchronized void room(long bytes) {
    capacity = bytes == Long.MAX_VALUE ? bytes : used() + bytes;
  }

  /** Syncs of files wait from now on. */
  public synchronized void holdSyncs() {
    holding = true;
  }

  /** Waits (with a bound) until a sync is held. */
  public synchronized void awaitHeldSync() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (held == 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("no sync began within " + WAIT_SECONDS + " s");
      }
      wait(left);
    }
  }

  /** Lets held syncs go on. */
  public synchronized void releaseSyncs() {
    holding = false;
    notifyAll();
  }

  /** Flips bits in a file, as ageing flash does. */
  public synchronized void damage(Path file, long position, int length) {
    try {
      existing(file).damage(position, length);
    } catch (NoSuchFileException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  /** The length of a file. */
  public synchronized long length(Path file) {
    try {
      return existing(file).length();
    } catch (NoSuchFileException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  /** How many syncs of files have succeeded. */
  public synchronized long syncs() {
    return syncs;
  }

  /** How many bytes were written. */
  public synchronized long bytesWritten() {
    return bytesWritten;
  }

  /** The process dies, the machine goes on: what was written is found again. */
  public synchronized FaultyDisk kill() {
    die();
    return copy();
  }

  /** A second disk with what is on this one now; faults and bounds are not copied. */
  public synchronized FaultyDisk copy() {
    FaultyDisk found = new FaultyDisk();
    found.folders.addAll(folders);
    Map<Inode, Inode> copies = new IdentityHashMap<>();
    entries.forEach(
        (name, file) -> found.entries.put(name, copies.computeIfAbsent(file, Inode::afterKill)));
    safeEntries.forEach(
        (name, file) ->
            found.safeEntries.put(name, copies.computeIfAbsent(file, Inode::afterKill)));
    for (EntryChange change : unsynced) {
      Inode copy =
          change.file == null ? null : copies.computeIfAbsent(change.file, Inode::afterKill);
      found.unsynced.add(new EntryChange(change.name, copy, change.gone));
    }
    return found;
  }

  /**
   * The power fails: what was synced is found again; of the rest each write may be there, be gone,
   * or be there in part, in any order, as the seed decides.
   */
  public synchronized FaultyDisk powerCut(long seed) {
    die();
    Random random = new Random(seed);
    Map<Path, Inode> found = new TreeMap<>(safeEntries);
    int mood = random.nextInt(3);
    for (EntryChange change : unsynced) {
      if (mood == 1 || mood == 2 && random.nextBoolean()) {
        change.apply(found);
      }
    }
    FaultyDisk after = new FaultyDisk();
    after.folders.addAll(folders);
    found.forEach(
        (name, file) -> {
          Inode survivor = file.afterPowerCut(random);
          after.entries.put(name, survivor);
          after.safeEntries.put(name, survivor);
        });
    return after;
  }

  private void die() {
    requireAlive();
    off = true;
    notifyAll();
  }

  private void requireAlive() {
    if (off) {
      throw new IllegalStateException("this disk is dead; use the one that was found afterwards");
    }
  }

  // ---- Disk

  private void requireOn() throws IOException {
    if (off) {
      throw new IOException("the power is off");
    }
  }

  private Inode existing(Path file) throws NoSuchFileException {
    Inode inode = entries.get(file);
    if (inode == null) {
      throw new NoSuchFileException(file.toString());
    }
    return inode;
  }

  private void change(EntryChange change) {
    change.apply(entries);
    unsynced.add(change);
  }

  private long used() {
    return entries.values().stream().mapToLong(Inode::length).sum();
  }

  @Override
  public synchronized DiskFile open(Path file) throws IOException {
    requireOn();
    if (!entries.containsKey(file)) {
      if (!folders.contains(file.getParent())) {
        throw new NoSuchFileException(file.toString());
      }
      change(new EntryChange(file, new Inode(), null));
    }
    return new OpenFile(existing(file));
  }

  @Override
  public synchronized DiskFile openExisting(Path file) throws IOException {
    requireOn();
    return new OpenFile(existing(file));
  }

  @Override
  public synchronized List<Path> list(Path folder) throws IOException {
    requireOn();
    return entries.keySet().stream().filter(file -> folder.equals(file.getParent())).toList();
  }

  @Override
  public synchronized void createFolder(Path folder) throws IOException {
    requireOn();
    for (Path each = folder; each != null; each = each.getParent()) {
      folders.add(each);
    }
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    requireOn();
    change(new EntryChange(to, existing(from), from));
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    requireOn();
    IOException failure = deleteFault.next();
    if (failure != null) {
      throw failure;
    }
    if (entries.containsKey(file)) {
      change(new EntryChange(file, null, null));
    }
  }

  @Override
  public synchronized void syncFolder(Path folder) throws IOException {
    requireOn();
    IOException failure = folderFault.next();
    if (failure != null) {
      throw failure;
    }
    for (EntryChange change : unsynced) {
      if (folder.equals(change.name.getParent())) {
        change.apply(safeEntries);
      }
    }
    unsynced.removeIf(change -> folder.equals(change.name.getParent()));
  }

  @Override
  public synchronized long usableSpace(Path folder) throws IOException {
    requireOn();
    return capacity == Long.MAX_VALUE ? capacity : Math.max(0, capacity - used());
  }

  private synchronized void write(Inode inode, long position, byte[] data) throws IOException {
    requireOn();
    IOException failure = writeFault.next();
    int length = failure == null ? data.length : shortWrites ? data.length / 2 : 0;
    long growth = Math.max(0, position + length - inode.length());
    long room = capacity == Long.MAX_VALUE ? capacity : Math.max(0, capacity - used());
    if (growth > room) {
      length -= (int) (growth - room);
      failure = new IOException("No space left on device");
    }
    if (length > 0) {
      inode.write(position, Arrays.copyOf(data, length));
      bytesWritten += length;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized int read(Inode inode, long position, byte[] target) throws IOException {
    requireOn();
    IOException failure = readFault.next();
    if (failure != null) {
      throw failure;
    }
    return inode.read(position, target, 0, target.length);
  }

  private synchronized void sync(Inode inode) throws IOException {
    held++;
    notifyAll();
    boolean interrupted = false;
    while (holding && !off) {
      try {
        wait();
      } catch (InterruptedException ignored) {
        interrupted = true;
      }
    }
    held--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    requireOn();
    IOException failure = syncFault.next();
    if (failure != null) {
      inode.failSync();
      throw failure;
    }
    inode.sync();
    syncs++;
  }

  private synchronized void truncate(Inode inode, long length) throws IOException {
    requireOn();
    IOException failure = truncateFault.next();
    if (failure != null) {
      throw failure;
    }
    inode.truncate(length);
  }

  private synchronized long length(Inode inode) throws IOException {
    requireOn();
    return inode.length();
  }

  private final class OpenFile implements DiskFile {

    private final Inode inode;
    private boolean closed;

    OpenFile(Inode inode) {
      this.inode = inode;
    }

    private void requireOpen() throws IOException {
      if (closed) {
        throw new IOException("the file is closed");
      }
    }

    @Override
    public void write(long position, ByteBuffer... buffers) throws IOException {
      requireOpen();
      long at = position;
      for (ByteBuffer buffer : buffers) {
        byte[] data = new byte[buffer.remaining()];
        buffer.get(data);
        FaultyDisk.this.write(inode, at, data);
        at += data.length;
      }
    }

    @Override
    public int read(long position, ByteBuffer buffer) throws IOException {
      requireOpen();
      byte[] data = new byte[buffer.remaining()];
      int count = FaultyDisk.this.read(inode, position, data);
      buffer.put(data, 0, count);
      return count;
    }

    @Override
    public long size() throws IOException {
      requireOpen();
      return FaultyDisk.this.length(inode);
    }

    @Override
    public void truncate(long length) throws IOException {
      requireOpen();
      FaultyDisk.this.truncate(inode, length);
    }

    @Override
    public void sync() throws IOException {
      requireOpen();
      FaultyDisk.this.sync(inode);
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
