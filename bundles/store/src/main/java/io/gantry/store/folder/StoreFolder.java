package io.gantry.store.folder;

import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.Disk;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import io.gantry.store.log.BoundedLog;
import io.gantry.store.queue.QueueLog;
import io.gantry.store.table.FileTable;
import io.gantry.store.writer.Space;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.StoreWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/** Queues, logs and tables in one folder, on one writer thread. */
public final class StoreFolder implements LogStore, TableStore, AutoCloseable {

  private static final long MIN_LOG_BYTES = 1 << 20;

  private final Disk disk;
  private final Path folder;
  private final InstantSource clock;
  private final Drops drops;
  private final Space space;
  private final StoreWriter writer;
  private final QueueLog queues;
  private final Map<String, BoundedLog> logs = new HashMap<>();
  private final Map<String, FileTable> tables = new HashMap<>();

  /**
   * Opens the store and recovers what is in it.
   *
   * @throws IOException when the folder cannot be used, or a newer version wrote it
   */
  public StoreFolder(
      Disk disk, StoreSettings settings, InstantSource clock, ThreadFactory threads, Drops drops)
      throws IOException {
    this.disk = disk;
    this.folder = settings.directory();
    this.clock = clock;
    this.drops = drops;
    disk.createFolder(folder);
    this.space = new Space(disk, settings, clock);
    this.writer = new StoreWriter(settings, space, threads);
    this.queues = QueueLog.open(disk, settings, space, clock, writer, threads, drops);
    space.reserve();
    writer.start();
    queues.start();
  }

  /** The queues. */
  public QueueStore queues() {
    return queues;
  }

  @Override
  public synchronized RetainedLog log(String name, long maxBytes) {
    requireName(name);
    if (maxBytes < MIN_LOG_BYTES) {
      throw new IllegalArgumentException(
          "Log "
              + name
              + ": expected a bound of at least "
              + MIN_LOG_BYTES
              + " bytes, found "
              + maxBytes);
    }
    return logs.computeIfAbsent(name, unknown -> openLog(unknown, maxBytes));
  }

  private BoundedLog openLog(String name, long maxBytes) {
    try {
      return BoundedLog.open(
          disk, folder.resolve("logs").resolve(name), maxBytes, space, clock, writer, drops);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot open log " + name + " in " + folder, failure);
    }
  }

  @Override
  public synchronized Table table(String name) {
    requireName(name);
    return tables.computeIfAbsent(name, this::openTable);
  }

  private FileTable openTable(String name) {
    try {
      return FileTable.open(
          disk, folder.resolve("tables").resolve(name + ".table"), clock, writer, drops);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot open table " + name + " in " + folder, failure);
    }
  }

  private static void requireName(String name) {
    if (!name.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      throw new IllegalArgumentException(
          "Name: expected lower-case letters, digits and dashes, found '" + name + "'");
    }
  }

  /** Writes what waits, answers it, and closes the files. */
  @Override
  public synchronized void close() throws IOException {
    if (!writer.close()) {
      return;
    }
    queues.close();
    for (BoundedLog log : logs.values()) {
      log.close();
    }
    for (FileTable table : tables.values()) {
      table.close();
    }
  }
}
