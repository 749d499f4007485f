package io.gantry.store.queue;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.DiskFile;
import io.gantry.store.segment.RecordScanner;
import io.gantry.store.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files of the log from the oldest to the newest and believes nothing whose checksum does
 * not match. Damage costs the records it hits; a torn end is left to be cut off; a file that cannot
 * be read at all is set aside. Used once, by one thread.
 */
final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Disk disk;
  private final Path folder;
  private final QueueLog log;
  private final Map<Integer, StoredQueue> byId = new HashMap<>();
  private final Map<StoredQueue, List<Part>> parts = new HashMap<>();
  private final List<Segment> segments = new ArrayList<>();
  private long nextOffset;
  private int nextId = 1;
  private long damaged;
  private long bytes;

  Recovery(Disk disk, Path folder, QueueLog log) {
    this.disk = disk;
    this.folder = folder;
    this.log = log;
  }

  void run() throws IOException {
    for (Path path : disk.list(folder)) {
      String name = path.getFileName().toString();
      if (name.matches("\\d{19}\\.log")) {
        open(path, Long.parseLong(name.substring(0, 19)));
      }
    }
    for (StoredQueue queue : byId.values()) {
      finish(queue);
    }
  }

  private void open(Path path, long firstOffset) throws IOException {
    try (DiskFile file = disk.open(path)) {
      if (file.size() < SegmentHeader.LENGTH) {
        // Made in the moment of a crash: nothing in it was ever acknowledged.
        disk.delete(path);
        return;
      }
      if (SegmentHeader.read(path, file).isEmpty()) {
        damaged++;
        LOG.error("The header of {} is damaged; reading its records all the same", path);
      }
      nextOffset = Math.max(nextOffset, firstOffset);
      scan(new Segment(path, firstOffset), file);
    }
  }

  private void scan(Segment segment, DiskFile file) throws IOException {
    Map<StoredQueue, Part> here = new HashMap<>();
    RecordScanner scanner = new RecordScanner(file, SegmentHeader.LENGTH, file.size());
    while (scanner.next()) {
      ByteBuffer body = scanner.body();
      switch (scanner.type()) {
        case LogRecord.DATA -> data(segment, here, scanner.offset(), body);
        case LogRecord.QUEUE -> {
          StoredQueue queue = define(body.getInt(0), LogRecord.name(body));
          queue.recoverCommitted(body.getLong(Integer.BYTES));
        }
        case LogRecord.CHECKPOINT -> {
          StoredQueue queue = byId.get(body.getInt(0));
          if (queue != null) {
            queue.recoverCommitted(body.getLong(Integer.BYTES));
          }
        }
        case LogRecord.REMOVED -> removed(body.getInt(0), here);
        default -> damaged++;
      }
    }
    here.forEach((queue, part) -> segment.refer(queue, part.last));
    segment.readableEnd(scanner.validEnd());
    segments.add(segment);
    bytes += scanner.validEnd();
    report(segment.path(), scanner, file.size());
  }

  private void report(Path path, RecordScanner scanner, long size) {
    damaged += scanner.damaged();
    if (scanner.damaged() > 0) {
      LOG.error("{} has damage in {} places; the records there are lost", path, scanner.damaged());
    }
    if (scanner.validEnd() < size) {
      LOG.info("{} ends in a torn write of {} bytes", path, size - scanner.validEnd());
    }
  }

  private StoredQueue define(int id, String name) {
    nextId = Math.max(nextId, id + 1);
    StoredQueue queue = byId.computeIfAbsent(id, unknown -> new StoredQueue(log, name));
    queue.id(id);
    return queue;
  }

  private void data(Segment segment, Map<StoredQueue, Part> here, long offset, ByteBuffer body) {
    nextOffset = Math.max(nextOffset, offset + 1);
    int count = body.getShort(0) & 0xFFFF;
    for (int i = 0; i < count; i++) {
      StoredQueue queue = byId.get(body.getInt(Short.BYTES + i * Integer.BYTES));
      if (queue == null) {
        // Its definition is damaged here; the next file defines it again.
        continue;
      }
      Part part = here.get(queue);
      if (part == null) {
        part = new Part(segment, offset);
        here.put(queue, part);
        parts.computeIfAbsent(queue, none -> new ArrayList<>()).add(part);
      }
      part.add(offset);
    }
  }

  private void removed(int id, Map<StoredQueue, Part> here) {
    StoredQueue queue = byId.remove(id);
    if (queue != null) {
      here.remove(queue);
      parts.remove(queue);
      segments.forEach(segment -> segment.forget(queue));
    }
  }

  private void finish(StoredQueue queue) throws IOException {
    long last = -1;
    long pending = 0;
    for (Part part : parts.getOrDefault(queue, List.of())) {
      last = Math.max(last, part.last);
      if (part.first > queue.committed()) {
        pending += part.count;
      } else if (part.last > queue.committed()) {
        pending += countBehind(part.segment, queue);
      }
    }
    nextOffset = Math.max(nextOffset, queue.committed() + 1);
    queue.recovered(last, pending);
  }

  private long countBehind(Segment segment, StoredQueue queue) throws IOException {
    long count = 0;
    try (DiskFile file = disk.open(segment.path())) {
      RecordScanner scanner = new RecordScanner(file, SegmentHeader.LENGTH, segment.readableEnd());
      while (scanner.next()) {
        boolean waits =
            scanner.type() == LogRecord.DATA
                && scanner.offset() > queue.committed()
                && LogRecord.names(scanner.body(), queue.id());
        count += waits ? 1 : 0;
      }
    }
    return count;
  }

  Collection<StoredQueue> queues() {
    return byId.values();
  }

  List<Segment> segments() {
    return segments;
  }

  long nextOffset() {
    return nextOffset;
  }

  int nextId() {
    return nextId;
  }

  long damaged() {
    return damaged;
  }

  long bytes() {
    return bytes;
  }

  /** The records of one queue in one file. */
  private static final class Part {
    final Segment segment;
    final long first;
    long last;
    long count;

    Part(Segment segment, long first) {
      this.segment = segment;
      this.first = first;
    }

    void add(long offset) {
      last = offset;
      count++;
    }
  }
}
