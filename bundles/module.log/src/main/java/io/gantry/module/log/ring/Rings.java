package io.gantry.module.log.ring;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.log.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings of all modules, and the bound of them all: when it is reached, the oldest file of the
 * module that has not logged for longest goes. For one thread.
 */
public final class Rings implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Rings.class);

  private final Path directory;
  private final long mostBytes;
  private final long mostBytesOfOne;

  /** The one that was written last is the last. */
  private final Map<String, Ring> rings = new LinkedHashMap<>();

  /**
   * @param directory has a folder for each module
   */
  public Rings(Path directory, long mostBytes, long mostBytesOfOne) throws IOException {
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.mostBytesOfOne = mostBytesOfOne;
    List<String> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> folders = Files.list(directory)) {
        folders
            .filter(Files::isDirectory)
            .map(folder -> String.valueOf(folder.getFileName()))
            .filter(Rings::isLog)
            .forEach(found::add);
      }
    }
    List<Map.Entry<String, Ring>> opened = new ArrayList<>();
    for (String log : found) {
      try {
        Ring ring = open(log);
        if (ring.files() > 0) {
          opened.add(Map.entry(log, ring));
        }
      } catch (IOException failed) {
        LOG.warn("The log of {} cannot be read; the others go on", log, failed);
      }
    }
    opened.sort(Comparator.comparingLong(ring -> ring.getValue().latest()));
    opened.forEach(ring -> rings.put(ring.getKey(), ring.getValue()));
  }

  /** Whether a log may have this name, which is that of a folder, too. */
  public static boolean isLog(String name) {
    try {
      Identity.requireValidId("log", name);
      return !name.startsWith(".");
    } catch (IllegalArgumentException other) {
      return false;
    }
  }

  private Ring open(String log) throws IOException {
    return Ring.open(directory.resolve(log), mostBytesOfOne);
  }

  /** Which logs there are. */
  public Set<String> logs() {
    return Set.copyOf(rings.keySet());
  }

  /** When the latest line of all was logged. */
  public Instant newest() {
    return Instant.ofEpochMilli(rings.values().stream().mapToLong(Ring::latest).max().orElse(0));
  }

  /** What a log holds now. */
  public RingView view(String log) {
    Ring ring = rings.get(log);
    return ring == null ? new RingView(List.of()) : ring.view();
  }

  /** What became of lines. */
  public record Outcome(int written, boolean failed) {}

  /** Writes lines in order; says how many of them are in the files now. */
  public Outcome write(String log, List<LogLine> lines) {
    int[] written = {0};
    try {
      Ring known = rings.remove(log);
      Ring ring = known == null ? open(log) : known;
      rings.put(log, ring);
      ring.write(lines, count -> written[0] = count);
      return new Outcome(written[0], false);
    } catch (IOException failed) {
      LOG.debug("The log of {} is not written", log, failed);
      return new Outcome(written[0], true);
    }
  }

  /** Holds the bound of all; the logs that have less now. */
  public Set<String> makeRoom() {
    Set<String> shorter = new LinkedHashSet<>();
    long sum = rings.values().stream().mapToLong(Ring::bytes).sum();
    Iterator<Map.Entry<String, Ring>> eldestFirst = rings.entrySet().iterator();
    while (sum > mostBytes && eldestFirst.hasNext()) {
      Map.Entry<String, Ring> log = eldestFirst.next();
      int keep = eldestFirst.hasNext() ? 0 : 1;
      while (sum > mostBytes && log.getValue().files() > keep) {
        sum -= drop(log.getKey(), log.getValue());
        shorter.add(log.getKey());
      }
      if (log.getValue().files() == 0) {
        eldestFirst.remove();
      }
    }
    return shorter;
  }

  private static long drop(String log, Ring ring) {
    long before = ring.bytes();
    try {
      ring.dropOldest();
    } catch (IOException failed) {
      LOG.warn(
          "A file of the log of {} cannot be deleted and will be at the next start", log, failed);
    }
    return before - ring.bytes();
  }

  @Override
  public void close() {
    rings.forEach(
        (log, ring) -> {
          try {
            ring.close();
          } catch (IOException failed) {
            LOG.warn("The log of {} cannot be closed", log, failed);
          }
        });
  }
}
