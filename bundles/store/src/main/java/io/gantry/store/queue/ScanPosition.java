package io.gantry.store.queue;

import org.jspecify.annotations.Nullable;

/**
 * Where in the files a record begins.
 *
 * @param segment the file; null when not known
 * @param position in the file
 */
record ScanPosition(@Nullable Segment segment, long position) {

  static final ScanPosition UNKNOWN = new ScanPosition(null, 0);

  /** Where to begin in a file: here, if it is ours, else at its first record. */
  long in(Segment other, long first) {
    return segment == other ? position : first;
  }
}
