package io.gantry.bench.store;

import io.gantry.bench.process.TemporaryFolder;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.QueueStore;
import io.gantry.store.file.FileDisk;
import io.gantry.store.folder.StoreFolder;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.routing.FakeDrops;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** The store with the settings that ship, in a folder of its own. */
public final class OpenStore implements AutoCloseable {

  private final TemporaryFolder folder = new TemporaryFolder("store");
  private final StoreFolder store;

  /** Opens it. */
  public OpenStore() throws IOException {
    StoreSettings settings =
        new StoreSettings(
            folder.path(),
            SyncPolicy.GROUP,
            Duration.ofMillis(10),
            1 << 20,
            64L << 20,
            StoreBounds.of(1L << 30));
    store =
        new StoreFolder(
            new FileDisk(), settings, InstantSource.system(), Thread::new, new FakeDrops());
  }

  /** Where it is. */
  public Path path() {
    return folder.path();
  }

  /** Queues, logs and tables. */
  public StoreFolder folder() {
    return store;
  }

  /** The queues. */
  public QueueStore queues() {
    return store.queues();
  }

  /** The queue of this name. */
  public MessageQueue queue(String name) {
    return store.queues().queue(name);
  }

  @Override
  public void close() throws IOException {
    store.close();
    folder.close();
  }
}
