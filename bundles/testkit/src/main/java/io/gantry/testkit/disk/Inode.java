package io.gantry.testkit.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One file of a {@link FaultyDisk}: what the cache shows, and what is safe. Guarded by the disk.
 */
final class Inode {

  private static final int SECTOR = 512;

  /** A write, or with {@code data} empty a cut at {@code position}. */
  private record Change(long position, byte[] data) {}

  private final Bytes cached = new Bytes();
  private final Bytes safe = new Bytes();
  private final List<Change> unsynced = new ArrayList<>();

  int length() {
    return cached.length;
  }

  int read(long position, byte[] target, int offset, int length) {
    if (position >= cached.length) {
      return 0;
    }
    int count = (int) Math.min(length, cached.length - position);
    System.arraycopy(cached.array, (int) position, target, offset, count);
    return count;
  }

  void write(long position, byte[] data) {
    if (data.length > 0) {
      cached.put((int) position, data, 0, data.length);
      unsynced.add(new Change(position, data));
    }
  }

  void truncate(long length) {
    if (length < cached.length) {
      cached.cut((int) length);
      unsynced.add(new Change(length, new byte[0]));
    }
  }

  void sync() {
    unsynced.forEach(change -> apply(change, safe));
    unsynced.clear();
  }

  /**
   * A sync that fails: the cache goes on showing what was written, and the next sync succeeds
   * without having written it, as Linux does.
   */
  void failSync() {
    unsynced.clear();
  }

  /** Flips bits in the cache and on the disk. */
  void damage(long position, int length) {
    for (int i = (int) position; i < position + length; i++) {
      cached.array[i] ^= 0x55;
      if (i < safe.length) {
        safe.array[i] ^= 0x55;
      }
    }
  }

  /** What is found after the machine went on: all that was written. */
  Inode afterKill() {
    Inode copy = new Inode();
    copy.cached.put(0, cached.array, 0, cached.length);
    copy.safe.put(0, safe.array, 0, safe.length);
    copy.unsynced.addAll(unsynced);
    return copy;
  }

  /** What is found after a power cut: what is safe, and of the rest what chance has kept. */
  Inode afterPowerCut(Random random) {
    Inode copy = new Inode();
    Bytes found = copy.safe;
    found.put(0, safe.array, 0, safe.length);
    int mood = random.nextInt(4);
    int kept = mood == 3 ? random.nextInt(unsynced.size() + 1) : unsynced.size();
    for (Change change : unsynced.subList(0, kept)) {
      boolean whole = mood == 1 || mood == 3 || mood == 2 && random.nextBoolean();
      if (whole) {
        apply(change, found);
      } else if (mood == 2) {
        tear(change, found, random);
      }
    }
    copy.cached.put(0, found.array, 0, found.length);
    return copy;
  }

  private static void apply(Change change, Bytes target) {
    if (change.data.length == 0) {
      target.cut((int) change.position);
    } else {
      target.put((int) change.position, change.data, 0, change.data.length);
    }
  }

  /** Some sectors of it are written, in no order; a cut is not done by halves. */
  private static void tear(Change change, Bytes target, Random random) {
    int at = 0;
    while (at < change.data.length) {
      int sectorEnd = SECTOR - (int) ((change.position + at) % SECTOR);
      int length = Math.min(sectorEnd, change.data.length - at);
      if (random.nextInt(3) > 0) {
        target.put((int) change.position + at, change.data, at, length);
      }
      at += length;
    }
  }

  private static final class Bytes {
    private byte[] array = new byte[256];
    private int length;

    void put(int position, byte[] data, int offset, int count) {
      int end = position + count;
      if (end > array.length) {
        array = Arrays.copyOf(array, Math.max(end, array.length * 2));
      }
      System.arraycopy(data, offset, array, position, count);
      length = Math.max(length, end);
    }

    void cut(int newLength) {
      if (newLength < length) {
        Arrays.fill(array, newLength, length, (byte) 0);
        length = newLength;
      }
    }
  }
}
