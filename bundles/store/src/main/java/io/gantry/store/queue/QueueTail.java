package io.gantry.store.queue;

import io.gantry.spi.store.MessageQueue.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * The next records of one queue in memory, in order of their offsets: a ring that grows. Not for
 * use by several threads.
 */
final class QueueTail {

  private static final int OVERHEAD = 64;

  private Entry[] ring = new Entry[16];
  private int head;
  private int size;
  private long bytes;

  static int cost(Entry entry) {
    return entry.record().length + OVERHEAD;
  }

  int size() {
    return size;
  }

  /** Memory that the entries hold. */
  long bytes() {
    return bytes;
  }

  /** What is in it. */
  Amount amount() {
    return new Amount(size, bytes - (long) size * OVERHEAD);
  }

  void add(Entry entry) {
    if (size == ring.length) {
      grow();
    }
    ring[(head + size) & (ring.length - 1)] = entry;
    size++;
    bytes += cost(entry);
  }

  private void grow() {
    Entry[] larger = new Entry[ring.length * 2];
    for (int i = 0; i < size; i++) {
      larger[i] = at(i);
    }
    ring = larger;
    head = 0;
  }

  private Entry at(int index) {
    return ring[(head + index) & (ring.length - 1)];
  }

  /** Entries behind the offset, within the bounds; at least one when there is one. */
  List<Entry> after(long offset, int maxEntries, int maxBytes) {
    int from = countUpTo(offset);
    List<Entry> entries = new ArrayList<>(Math.min(size - from, maxEntries));
    long sum = 0;
    for (int i = from; i < size && entries.size() < maxEntries && sum < maxBytes; i++) {
      Entry entry = at(i);
      entries.add(entry);
      sum += entry.record().length;
    }
    return entries;
  }

  /** Forgets the entries up to the offset and returns what they were. */
  Amount removeUpTo(long offset) {
    Amount before = amount();
    int count = countUpTo(offset);
    for (int i = 0; i < count; i++) {
      bytes -= cost(at(i));
      ring[(head + i) & (ring.length - 1)] = null;
    }
    head = (head + count) & (ring.length - 1);
    size -= count;
    shrink();
    return before.minus(amount());
  }

  /** Forgets the entries behind the offset; the offset of the first of them, or -1 if none was. */
  long removeBehind(long offset) {
    int keep = countUpTo(offset);
    long first = keep < size ? at(keep).offset() : -1;
    for (int i = keep; i < size; i++) {
      bytes -= cost(at(i));
      ring[(head + i) & (ring.length - 1)] = null;
    }
    size = keep;
    shrink();
    return first;
  }

  private void shrink() {
    if (size == 0 && ring.length > 1024) {
      ring = new Entry[16];
      head = 0;
    }
  }

  /** How many entries have an offset up to this one: binary search. */
  private int countUpTo(long offset) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).offset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
