package io.gantry.module.log.ring;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gantry.module.log.line.LineForm;
import io.gantry.spi.log.LogLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one module: files of which only the newest is written, and the oldest are deleted.
 * Nothing is synced: a log that costs a sync for each line would slow down what it watches, and
 * what a power cut tears off is the very end. For one thread.
 */
final class Ring implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Ring.class);

  /** The oldest lines go by this part of the whole. */
  private static final int PARTS = 8;

  private final Path folder;
  private final long mostBytes;
  private final Deque<Segment> segments = new ArrayDeque<>();
  private @Nullable FileChannel channel;
  private long latest;
  private long nextNumber;

  private Ring(Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /** A ring with what its folder holds, if it is there. */
  static Ring open(Path folder, long mostBytes) throws IOException {
    Ring ring = new Ring(folder, mostBytes);
    if (Files.isDirectory(folder)) {
      List<Segment> found = new ArrayList<>();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Segment.of(file).ifPresent(found::add);
        }
      }
      found.sort(Comparator.comparingLong(Segment::number));
      ring.recover(found);
    }
    return ring;
  }

  private void recover(List<Segment> found) throws IOException {
    segments.addAll(found);
    Segment last = segments.peekLast();
    if (last == null) {
      return;
    }
    latest = last.before();
    nextNumber = last.number() + 1;
    segments.removeLast();
    segments.add(last.withLength(wholeLines(last)));
  }

  /** The part of the newest file that is whole; what a power cut has left behind it goes. */
  private long wholeLines(Segment last) throws IOException {
    byte[] bytes = Files.readAllBytes(last.file());
    int whole = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, whole, i - whole, StandardCharsets.UTF_8);
        Optional<LogLine> begun = LineForm.begin(line);
        if (begun.isEmpty() && (whole == 0 || LineForm.more(line).isEmpty())) {
          break;
        }
        begun.ifPresent(known -> latest = Math.max(latest, known.time().toEpochMilli()));
        whole = i + 1;
      }
    }
    if (whole < bytes.length) {
      try (FileChannel torn = FileChannel.open(last.file(), WRITE)) {
        torn.truncate(whole);
      }
    }
    return whole;
  }

  /**
   * Writes lines in order.
   *
   * @param written is told how many of them are in the files, before this returns or throws
   * @throws IOException when the next one could not be written; a later call may succeed
   */
  void write(List<LogLine> lines, Written written) throws IOException {
    int next = 0;
    while (next < lines.size()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      long room = mostBytes / PARTS - length();
      int end = next;
      while (end < lines.size()) {
        byte[] line = LineForm.encode(lines.get(end));
        if (bytes.size() + line.length > room && (bytes.size() > 0 || length() > 0)) {
          break;
        }
        bytes.writeBytes(line);
        end++;
      }
      if (end == next) {
        begin();
        continue;
      }
      append(bytes.toByteArray());
      for (LogLine line : lines.subList(next, end)) {
        latest = Math.max(latest, line.time().toEpochMilli());
      }
      next = end;
      written.lines(end);
    }
  }

  /** Is told how far a writing came. */
  @FunctionalInterface
  interface Written {
    void lines(int count);
  }

  private long length() {
    Segment last = segments.peekLast();
    return last == null ? 0 : last.length();
  }

  private void append(byte[] bytes) throws IOException {
    Segment last = segments.peekLast();
    if (last == null) {
      last = begin();
    }
    makeRoom(bytes.length);
    FileChannel open = channel;
    if (open == null) {
      Files.createDirectories(folder);
      open = FileChannel.open(last.file(), CREATE, WRITE);
      channel = open;
    }
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        open.write(buffer, last.length() + buffer.position());
      }
    } catch (IOException failed) {
      forget(open, last.length(), failed);
      throw failed;
    }
    segments.removeLast();
    segments.add(last.withLength(last.length() + bytes.length));
  }

  /** The next attempt begins where this one did, with a file that is opened anew. */
  private void forget(FileChannel open, long length, IOException failed) {
    channel = null;
    try (open) {
      open.truncate(length);
    } catch (IOException also) {
      failed.addSuppressed(also);
    }
  }

  private Segment begin() throws IOException {
    close();
    Segment fresh = new Segment(folder, nextNumber++, latest, 0);
    segments.add(fresh);
    return fresh;
  }

  private void makeRoom(long bytes) throws IOException {
    while (segments.size() > 1 && bytes() + bytes > mostBytes) {
      dropOldest();
    }
  }

  /** Deletes the oldest file; the one that is written too, when there is no other. */
  void dropOldest() throws IOException {
    Segment oldest = segments.pollFirst();
    if (oldest == null) {
      return;
    }
    if (segments.isEmpty()) {
      close();
    }
    Files.deleteIfExists(oldest.file());
    if (segments.isEmpty()) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException others) {
        LOG.debug("{} holds what is not ours", folder, others);
      }
    }
  }

  int files() {
    return segments.size();
  }

  long bytes() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.length();
    }
    return sum;
  }

  /** The latest time of a line, in milliseconds; 0 when there was none. */
  long latest() {
    return latest;
  }

  RingView view() {
    return new RingView(List.copyOf(segments));
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }
}
