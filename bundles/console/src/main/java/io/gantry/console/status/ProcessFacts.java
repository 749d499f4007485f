package io.gantry.console.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** Facts of this process. */
public final class ProcessFacts {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private final String version;
  private final InstantSource time;
  private final Instant started;

  /** Facts of the process that runs this code. */
  public ProcessFacts(String version, InstantSource time) {
    // Not the start of the process: a script was it before Java was.
    this(version, time, Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()));
  }

  ProcessFacts(String version, InstantSource time, Instant started) {
    this.version = version;
    this.time = time;
    this.started = started;
  }

  /** The version of Gantry. */
  public String version() {
    return version;
  }

  /** The version of Java. */
  public String javaVersion() {
    return System.getProperty("java.version");
  }

  /** The process id. */
  public long pid() {
    return ProcessHandle.current().pid();
  }

  /** When it was started. */
  public Instant started() {
    return started;
  }

  /** Another text for each process, and the same as long as it lives. */
  public String instance() {
    String process = pid() + "@" + started.toEpochMilli();
    return UUID.nameUUIDFromBytes(process.getBytes(UTF_8)).toString();
  }

  /** How long it has been running. */
  public Duration uptime() {
    return Duration.between(started, time.instant());
  }

  /** The time. */
  public Instant now() {
    return time.instant();
  }

  /** Heap in use, in bytes. */
  public long heapUsed() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Limit of the heap, in bytes. */
  public long heapMax() {
    return Runtime.getRuntime().maxMemory();
  }

  /** Resident memory of the process, in bytes; empty where the system does not tell. */
  public OptionalLong resident() {
    try {
      return Files.isReadable(STATUS) ? resident(Files.readAllLines(STATUS)) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong resident(List<String> status) {
    for (String line : status) {
      if (line.startsWith(RESIDENT)) {
        String kib = line.substring(RESIDENT.length()).replace("kB", "").strip();
        return OptionalLong.of(Long.parseLong(kib) * 1024);
      }
    }
    return OptionalLong.empty();
  }
}
