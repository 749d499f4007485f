package io.gantry.store.segment;

import java.util.Arrays;

/**
 * Where in a file an offset is, to the next 64 KiB: enough to begin reading close to it. The writer
 * thread adds, any thread asks.
 */
public final class SparseIndex {

  private static final int STEP = 64 * 1024;

  private long[] offsets = new long[8];
  private long[] positions = new long[8];
  private int size;

  /** Notes where a record is, if the last note is far enough away. Only upwards. */
  public synchronized void note(long offset, long position) {
    if (size > 0 && position - positions[size - 1] < STEP) {
      return;
    }
    if (size == offsets.length) {
      offsets = Arrays.copyOf(offsets, size * 2);
      positions = Arrays.copyOf(positions, size * 2);
    }
    offsets[size] = offset;
    positions[size] = position;
    size++;
  }

  /** Forgets what is at or behind a position. */
  public synchronized void cut(long position) {
    while (size > 0 && positions[size - 1] >= position) {
      size--;
    }
  }

  /** All notes, each an offset and a position. */
  public synchronized long[][] notes() {
    long[][] notes = new long[size][];
    for (int i = 0; i < size; i++) {
      notes[i] = new long[] {offsets[i], positions[i]};
    }
    return notes;
  }

  /** A position at or before the first record with this offset or a larger one. */
  public synchronized long near(long offset) {
    int found = Arrays.binarySearch(offsets, 0, size, offset);
    int index = found >= 0 ? found : -found - 2;
    return index < 0 ? SegmentHeader.LENGTH : positions[index];
  }
}
