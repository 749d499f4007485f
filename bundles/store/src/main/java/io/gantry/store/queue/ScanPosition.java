package io.gantry.store.queue;

import org.jspecify.annotations.Nullable;

/**
 * Where in the files to go on.
 *
 * @param segment the file; null when not known
 * @param position in the file
 */
record ScanPosition(@Nullable Segment segment, long position) {

  static final ScanPosition UNKNOWN = new ScanPosition(null, 0);

  /** Where to begin in a file to find the offset. */
  long in(Segment other, long offset) {
    return segment == other ? position : other.index().near(offset);
  }
}
