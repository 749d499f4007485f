package io.gantry.store.queue;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.spi.store.MessageQueue.Entry;
import io.gantry.store.segment.RecordScanner;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the records of one queue on disk, for the reader that is too far behind for the tail in
 * memory. Runs on the reader's thread.
 */
final class LogReader {

  private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);

  /** Having found something, a look ends here: somebody is waiting for it. */
  private static final long LOOK_BYTES = 2L << 20;

  private final Disk disk;
  private final Supplier<List<Segment>> segments;
  private final Drops drops;
  private final AtomicLong damaged = new AtomicLong();

  LogReader(Disk disk, Supplier<List<Segment>> segments, Drops drops) {
    this.disk = disk;
    this.segments = segments;
    this.drops = drops;
  }

  /** How many places were found damaged. */
  long damaged() {
    return damaged.get();
  }

  /** Notes damage that recovery or a look has found. */
  void damage(Segment segment, long position) {
    if (segment.damagedAt(position)) {
      damaged.incrementAndGet();
      LOG.error(
          "{} is damaged before position {}; the records there are lost, those behind are not",
          segment.path(),
          position);
      drops.dropped(
          DropReason.CORRUPT, "store", segment.path() + " is damaged before position " + position);
    }
  }

  /** Looks for records of a queue from one offset to another, until so many bytes are gathered. */
  Scan scan(StoredQueue queue, long from, long last, ScanPosition at, int maxBytes)
      throws IOException {
    Look look = new Look(queue, from, last, maxBytes);
    boolean vanished = true;
    while (vanished) {
      vanished = false;
      for (Segment segment : segments.get()) {
        if (!segment.mayHold(queue, look.from)) {
          continue;
        }
        long end = look.at(segment, at.in(segment, look.from));
        vanished = end < 0;
        if (vanished) {
          break;
        }
        if (look.isEnough()) {
          return new Scan(look.entries, look.nextOffset, new ScanPosition(segment, end));
        }
      }
    }
    return new Scan(look.entries, last + 1, ScanPosition.UNKNOWN);
  }

  /** One look through the files. */
  private final class Look {

    private final StoredQueue queue;
    private final long last;
    private final int maxBytes;
    private final List<Entry> entries = new ArrayList<>();
    private long from;
    private long bytes;
    private long looked;
    private long nextOffset;

    Look(StoredQueue queue, long from, long last, int maxBytes) {
      this.queue = queue;
      this.from = from;
      this.last = last;
      this.maxBytes = maxBytes;
    }

    boolean isEnough() {
      return bytes >= maxBytes || looked >= LOOK_BYTES && !entries.isEmpty();
    }

    /**
     * Looks through one file from a position; returns where the next look goes on, or -1 when the
     * file has gone and the list of files has changed.
     */
    long at(Segment segment, long start) throws IOException {
      try (DiskFile source = disk.openExisting(segment.path())) {
        RecordScanner scanner =
            new RecordScanner(
                source, start, segment.readableEnd(), LogRecord.MAX_BODY, segment.lastOffset());
        long before = looked;
        while (!isEnough() && scanner.next()) {
          if (scanner.afterDamage()) {
            damage(segment, scanner.start());
          }
          take(scanner);
          looked = before + scanner.validEnd() - start;
        }
        if (scanner.afterDamage() && scanner.validEnd() < segment.readableEnd() && !isEnough()) {
          damage(segment, segment.readableEnd());
        }
        return scanner.validEnd();
      } catch (NoSuchFileException gone) {
        // Merged with others while we looked at the list, or, for a removed queue, not needed.
        LOG.debug("{} was deleted while {} was reading", segment.path(), queue);
        if (segments.get().contains(segment)) {
          throw gone;
        }
        return -1;
      }
    }

    private void take(RecordScanner scanner) {
      long offset = scanner.offset();
      if (scanner.type() != LogRecord.DATA || offset > last) {
        return;
      }
      nextOffset = offset + 1;
      int index = offset < from ? -1 : LogRecord.indexOf(scanner.body(), queue.id());
      if (index >= 0) {
        Entry entry = LogRecord.entry(scanner.body(), index, offset);
        entries.add(entry);
        bytes += entry.record().length;
      }
      from = Math.max(from, nextOffset);
    }
  }
}
