package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that nobody needs. To delete a long file takes a file system tens of milliseconds, for
 * which every sync waits; so it gets another name, which recovery knows, and is cut off piece by
 * piece before it goes. Short files go at once.
 */
final class Trash {

  /** The end of the name of a file that is being removed. */
  static final String GONE = ".gone";

  private static final Logger LOG = LoggerFactory.getLogger(Trash.class);
  private static final long PIECE = 4L << 20;
  private static final long PAUSE_NANOS = 5_000_000;

  private final Disk disk;
  private final Queue<Path> waiting = new ConcurrentLinkedQueue<>();

  Trash(Disk disk) {
    this.disk = disk;
  }

  /** Takes a file out of the way; the folder is to be synced by the caller. Any thread. */
  void take(Path file, long length) throws IOException {
    if (length <= PIECE) {
      disk.delete(file);
      return;
    }
    Path gone = file.resolveSibling(file.getFileName() + GONE);
    disk.rename(file, gone);
    waiting.add(gone);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Removes what was taken; a file that cannot be removed is left for the next start. */
  void empty() {
    for (Path file = waiting.poll(); file != null; file = waiting.poll()) {
      try {
        remove(file);
      } catch (IOException kept) {
        LOG.warn("Cannot remove {}; the next start does", file, kept);
      }
    }
  }

  private void remove(Path path) throws IOException {
    try (DiskFile file = disk.open(path)) {
      for (long length = file.size() - PIECE; length > 0; length -= PIECE) {
        file.truncate(length);
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
    disk.delete(path);
  }
}
