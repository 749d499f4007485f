package io.gantry.store.folder;

import io.gantry.spi.store.Disk;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.TableStore;
import io.gantry.store.file.FileDisk;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import io.gantry.testkit.disk.FaultyDisk;
import io.gantry.testkit.store.LogStoreContract;
import io.gantry.testkit.store.QueueStoreContract;
import io.gantry.testkit.store.TableStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The store keeps the contracts, on real files and on the disk that the other tests use. */
class StoreFolderContractTest {

  @TempDir Path folder;

  private final FaultyDisk memory = new FaultyDisk();
  private @Nullable TestFolder open;

  private StoreFolder store(Disk disk, Path directory) throws IOException {
    if (open == null) {
      open =
          TestFolder.open(
              disk,
              new StoreSettings(
                  directory,
                  SyncPolicy.GROUP,
                  Duration.ofMillis(1),
                  1 << 20,
                  TestFolder.SEGMENT,
                  StoreBounds.of(1L << 30)));
    }
    return open.store();
  }

  private StoreFolder onFiles() throws IOException {
    return store(new FileDisk(), folder.resolve("store"));
  }

  private StoreFolder inMemory() throws IOException {
    return store(memory, TestFolder.DIRECTORY);
  }

  @AfterEach
  void close() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  @Nested
  class QueuesOnFiles extends QueueStoreContract {

    @Override
    protected QueueStore store() throws IOException {
      return onFiles().queues();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }

  @Nested
  class LogsOnFiles extends LogStoreContract {

    @Override
    protected LogStore store() throws IOException {
      return onFiles();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }

  @Nested
  class TablesOnFiles extends TableStoreContract {

    @Override
    protected TableStore store() throws IOException {
      return onFiles();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }

  @Nested
  class QueuesInMemory extends QueueStoreContract {

    @Override
    protected QueueStore store() throws IOException {
      return inMemory().queues();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }

  @Nested
  class LogsInMemory extends LogStoreContract {

    @Override
    protected LogStore store() throws IOException {
      return inMemory();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }

  @Nested
  class TablesInMemory extends TableStoreContract {

    @Override
    protected TableStore store() throws IOException {
      return inMemory();
    }

    @Override
    protected void reopen() throws IOException {
      close();
    }
  }
}
