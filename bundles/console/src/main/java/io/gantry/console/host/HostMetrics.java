package io.gantry.console.host;

import io.gantry.console.status.ProcessFacts;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.Metrics;
import io.gantry.spi.metrics.Readings.Readout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the machine, by the names of the IoT Edge agent, and of this process, by those
 * that programs in Java usually have. The modules are in this process and share its memory: what
 * one of them uses cannot be known, and is not told.
 */
public final class HostMetrics implements AutoCloseable {

  /** The machine, where figures of IoT Edge name a module. */
  private static final String HOST = "host";

  /** This process with all modules in it. */
  static final String PROCESS = "gantry";

  private static final String MODULE = "module_name";
  private static final double MILLIS = 1_000;

  private final ProcessFacts process;
  private final ProcFiles machine;
  private final Path data;
  private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
  private final List<Cancellable> readings;

  /**
   * Offers them.
   *
   * @param data a folder on the disk that matters
   */
  public HostMetrics(Metrics metrics, ProcessFacts process, Path data) {
    this(metrics, process, data, new ProcFiles(Path.of("/proc")));
  }

  HostMetrics(Metrics metrics, ProcessFacts process, Path data, ProcFiles machine) {
    this.process = process;
    this.machine = machine;
    this.data = data;
    String[] disk = {"disk_name", "disk_filesystem", "disk_filetype"};
    readings =
        List.of(
            metrics.readGauge(
                "edgeAgent_host_uptime_seconds",
                "How long the machine has been running.",
                to -> machine.uptimeSeconds().ifPresent(to::value)),
            metrics.readGauge(
                "edgeAgent_available_disk_space_bytes",
                "What this process could still write to the disk of its data folder.",
                to -> tellDisk(to, FileStore::getUsableSpace),
                disk),
            metrics.readGauge(
                "edgeAgent_total_disk_space_bytes",
                "The size of the disk of the data folder.",
                to -> tellDisk(to, FileStore::getTotalSpace),
                disk),
            metrics.readGauge(
                "edgeAgent_used_memory_bytes",
                "Memory in use: of the machine, and of this process with all of its modules.",
                this::tellUsedMemory,
                MODULE),
            metrics.readGauge(
                "edgeAgent_total_memory_bytes",
                "The memory of the machine.",
                to -> machine.totalMemory().ifPresent(bytes -> to.value(bytes, HOST)),
                MODULE),
            metrics.readGauge(
                "process_resident_memory_bytes",
                "Resident memory of this process.",
                to -> process.resident().ifPresent(to::value)),
            metrics.readCounter(
                "process_cpu_seconds_total",
                "Processor time that this process has used.",
                to -> cpu().ifPresent(used -> to.value(used.toMillis() / MILLIS))),
            metrics.readGauge(
                "process_start_time_seconds",
                "When this process was started, in seconds since 1970.",
                to -> to.value(process.started().toEpochMilli() / MILLIS)),
            metrics.readGauge(
                "jvm_memory_used_bytes", "Memory of Java in use.", this::tellJavaMemory, "area"),
            metrics.readGauge(
                "jvm_memory_max_bytes",
                "The bound of the heap of Java.",
                to -> to.value(process.heapMax(), "heap"),
                "area"),
            metrics.readGauge(
                "jvm_threads_current",
                "Threads of this process that Java knows.",
                to -> to.value(ManagementFactory.getThreadMXBean().getThreadCount())));
  }

  /** Processor time that this process has used so far. */
  public static Optional<Duration> cpu() {
    return ProcessHandle.current().info().totalCpuDuration();
  }

  private interface Space {
    long of(FileStore disk) throws IOException;
  }

  /** What kind of disk it is Java does not tell. */
  private void tellDisk(Readout to, Space space) {
    try {
      FileStore disk = Files.getFileStore(data);
      to.value(space.of(disk), disk.name(), disk.type(), "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at the disk of " + data, e);
    }
  }

  private void tellUsedMemory(Readout to) {
    machine
        .totalMemory()
        .ifPresent(
            total ->
                machine
                    .availableMemory()
                    .ifPresent(available -> to.value(total - available, HOST)));
    process.resident().ifPresent(bytes -> to.value(bytes, PROCESS));
  }

  private void tellJavaMemory(Readout to) {
    MemoryUsage heap = memory.getHeapMemoryUsage();
    to.value(heap.getUsed(), "heap");
    to.value(memory.getNonHeapMemoryUsage().getUsed(), "nonheap");
  }

  @Override
  public void close() {
    readings.forEach(Cancellable::cancel);
  }
}
