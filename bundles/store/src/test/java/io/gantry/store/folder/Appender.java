package io.gantry.store.folder;

import io.gantry.store.file.FileDisk;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The process that is killed: appends without end and says what was acknowledged. */
final class Appender {

  static final List<List<String>> TARGETS =
      List.of(List.of("a"), List.of("b"), List.of("a", "b"), List.of("a", "b", "c"));

  private Appender() {}

  static StoreSettings settings(Path directory) {
    return new StoreSettings(
        directory,
        SyncPolicy.GROUP,
        Duration.ofMillis(1),
        1 << 20,
        256 * 1024,
        StoreBounds.of(1L << 30));
  }

  /** The folder, and the number to begin with. */
  public static void main(String[] arguments) throws Exception {
    TestFolder folder = TestFolder.open(new FileDisk(), settings(Path.of(arguments[0])));
    Semaphore window = new Semaphore(64);
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      for (int i = Integer.parseInt(arguments[1]); ; i++) {
        int number = i;
        window.acquire();
        List<String> queues = TARGETS.get(number % TARGETS.size());
        String record = TestFolder.record(number, 20 + number % 900);
        folder
            .appending(record, queues.toArray(String[]::new))
            .thenAccept(offset -> tell(out, number, offset))
            .thenRun(window::release);
      }
    }
  }

  /** On the writer's thread, in one write: a line that was begun is whole. */
  private static void tell(OutputStream out, int number, long offset) {
    try {
      out.write((number + " " + offset + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException gone) {
      throw new IllegalStateException("nobody listens", gone);
    }
  }
}
