package io.gantry.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What Linux counts for a process. */
public final class ProcessFigures {

  // USER_HZ: 100 on every architecture that we run on, whatever the kernel's own tick is.
  private static final long MILLIS_PER_TICK = 10;

  private final Path proc;

  /** Of the process with this id. */
  public ProcessFigures(long pid) {
    this.proc = Path.of("/proc", Long.toString(pid));
  }

  /** The time of processor it took so far, in user and in system mode. */
  public Duration cpu() {
    // proc(5): utime and stime are fields 14 and 15; the second field may contain blanks.
    String stat = read("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    return Duration.ofMillis(ticks * MILLIS_PER_TICK);
  }

  /** Resident memory in bytes. */
  public long resident() {
    return kibibytes("VmRSS:") * 1024;
  }

  /** The number of threads. */
  public long threads() {
    return kibibytes("Threads:");
  }

  private long kibibytes(String name) {
    return read("status")
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).replace("kB", "").strip())
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(proc + "/status has no line " + name));
  }

  private String read(String file) {
    try {
      return Files.readString(proc.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException("the process is gone", e);
    }
  }
}
