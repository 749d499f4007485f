package io.gantry.bench.store;

import io.gantry.bench.process.TemporaryFolder;
import io.gantry.spi.store.MessageQueue;
import io.gantry.store.file.FileDisk;
import io.gantry.store.folder.StoreFolder;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.routing.FakeDrops;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * How long it takes to open a store in which a receiver that never came has left 10,000,000
 * records, and to read the first of them. Each opening has a process of its own, and the files are
 * out of the page cache before it: {@code sync} writes them, and coreutils' {@code dd} with {@code
 * nocache} tells the kernel to forget them. The limit is reading all that an opening must look at
 * and nothing else: the indexes, and the records of the last file.
 *
 * <p>{@code -Drecords=10000000 -Dbytes=256 -Drounds=3}; {@code -Dindexes=false} takes the indexes
 * away before each opening, which is what damage to all of them would be. Needs 3.2 GB of disk.
 */
public final class Recovery {

  private static final String QUEUE = "modules/absent/inputs/in1";
  private static final int WINDOW = 16_384;
  private static final int SHARE = 1_024;
  private static final String PHASE = "phase";

  private Recovery() {}

  /** See above. */
  public static void main(String[] arguments) throws Exception {
    String phase = System.getProperty(PHASE, "");
    if (phase.equals("open")) {
      open(Path.of(arguments[0]));
    } else if (phase.equals("read")) {
      read(Path.of(arguments[0]));
    } else {
      measure();
    }
  }

  private static StoreFolder store(Path folder) throws IOException {
    StoreSettings settings =
        new StoreSettings(
            folder,
            SyncPolicy.NONE,
            Duration.ofMillis(10),
            1 << 20,
            64L << 20,
            StoreBounds.of(16L << 30));
    return new StoreFolder(
        new FileDisk(), settings, InstantSource.system(), Thread::new, new FakeDrops());
  }

  private static void measure() throws IOException, InterruptedException {
    try (TemporaryFolder folder = new TemporaryFolder("recovery")) {
      fill(folder.path());
      for (int round = 0; round < Integer.getInteger("rounds", 3); round++) {
        if (!Boolean.parseBoolean(System.getProperty("indexes", "true"))) {
          for (Path index : files(folder.path(), ".idx")) {
            Files.delete(index);
          }
        }
        cold(folder.path());
        child("read", folder.path());
        cold(folder.path());
        child("open", folder.path());
      }
    }
  }

  private static void fill(Path folder) throws IOException, InterruptedException {
    int records = Integer.getInteger("records", 10_000_000);
    byte[] record = new byte[Integer.getInteger("bytes", 256)];
    Semaphore window = new Semaphore(WINDOW);
    long begin = System.nanoTime();
    StoreFolder store = store(folder);
    for (int i = 0; i < records; i++) {
      if (i % SHARE == 0) {
        window.acquire(SHARE);
      }
      store
          .queues()
          .append(record, List.of(QUEUE))
          .whenComplete(
              (offset, failure) -> {
                if (failure == null && (offset + 1) % SHARE == 0) {
                  window.release(SHARE);
                }
              });
    }
    store.close();
    System.out.printf(
        Locale.ROOT,
        "%,d records of %d bytes in %.1f s, %d files, %,d MB%n",
        records,
        record.length,
        (System.nanoTime() - begin) / 1e9,
        files(folder, ".log").size(),
        bytes(files(folder, "")) >> 20);
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .filter(path -> path.toString().endsWith(suffix))
          .sorted()
          .toList();
    }
  }

  private static long bytes(List<Path> files) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private static void cold(Path folder) throws IOException, InterruptedException {
    run(List.of("sync"));
    for (Path file : files(folder, "")) {
      run(
          List.of(
              "dd",
              "of=" + file,
              "oflag=nocache",
              "conv=notrunc,fdatasync",
              "count=0",
              "status=none"));
    }
  }

  private static void child(String phase, Path folder) throws IOException, InterruptedException {
    run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-D" + PHASE + "=" + phase,
            "-cp",
            System.getProperty("java.class.path"),
            Recovery.class.getName(),
            folder.toString()));
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException(command.get(0) + " ended with " + code);
    }
  }

  private static void open(Path folder) throws IOException {
    long begin = System.nanoTime();
    StoreFolder store = store(folder);
    long opened = System.nanoTime();
    MessageQueue queue = store.queues().queue(QUEUE);
    int found = queue.read(queue.committed(), 1, 1).size();
    long read = System.nanoTime();
    System.out.printf(
        Locale.ROOT,
        "opened in %,.1f ms, the first record (%d) after %,.1f ms more; %,d wait%n",
        (opened - begin) / 1e6,
        found,
        (read - opened) / 1e6,
        queue.pending());
    store.close();
  }

  private static void read(Path folder) throws IOException {
    long begin = System.nanoTime();
    List<Path> logs = files(folder, ".log");
    List<Path> wanted = new ArrayList<>(files(folder, ".idx"));
    if (wanted.isEmpty()) {
      wanted.addAll(logs);
    } else {
      wanted.add(logs.get(logs.size() - 1));
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    for (Path path : wanted) {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        while (file.read(buffer.clear()) >= 0) {
          continue;
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "the same files only read, %,.1f MB: %,.1f ms%n",
        bytes(wanted) / 1e6,
        (System.nanoTime() - begin) / 1e6);
  }
}
