package io.gantry.store.log;

import io.gantry.store.segment.SparseIndex;
import java.nio.file.Path;

/**
 * One file of a log.
 *
 * <p>Changed by the writer thread, read by any.
 */
final class LogPart {

  private final Path path;
  private final long firstOffset;
  private final SparseIndex index = new SparseIndex();
  private volatile long end;

  LogPart(Path path, long firstOffset) {
    this.path = path;
    this.firstOffset = firstOffset;
  }

  Path path() {
    return path;
  }

  long firstOffset() {
    return firstOffset;
  }

  SparseIndex index() {
    return index;
  }

  /** Records up to this position may be read. */
  long end() {
    return end;
  }

  void end(long position) {
    end = position;
  }
}
