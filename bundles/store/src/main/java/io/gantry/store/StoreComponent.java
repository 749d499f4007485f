package io.gantry.store;

import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreStatus;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import io.gantry.store.file.FileDisk;
import io.gantry.store.folder.StoreFolder;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers the store in the configured folder. */
@Component(
    configurationPid = "io.gantry.store",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {QueueStore.class, LogStore.class, TableStore.class})
public final class StoreComponent implements QueueStore, LogStore, TableStore {

  /** See {@link StoreSettings}. */
  @interface Config {
    String directory();

    String sync() default "group";

    long commitIntervalMillis() default 10;

    int commitBytes() default 1 << 20;

    long segmentBytes() default 64L << 20;

    long maxBytes() default 1L << 30;
  }

  private final StoreFolder store;

  @Activate
  public StoreComponent(
      Config config,
      @Reference InstantSource clock,
      @Reference Threads threads,
      @Reference Drops drops)
      throws IOException {
    StoreSettings settings =
        new StoreSettings(
            Path.of(config.directory()),
            SyncPolicy.valueOf(config.sync().toUpperCase(Locale.ROOT)),
            Duration.ofMillis(config.commitIntervalMillis()),
            config.commitBytes(),
            config.segmentBytes(),
            config.maxBytes());
    store = new StoreFolder(new FileDisk(), settings, clock, threads.factory("store"), drops);
  }

  @Deactivate
  void deactivate() throws IOException {
    store.close();
  }

  @Override
  public CompletionStage<Long> append(byte[] record, Collection<String> queues) {
    return store.queues().append(record, queues);
  }

  @Override
  public MessageQueue queue(String name) {
    return store.queues().queue(name);
  }

  @Override
  public Set<String> queues() {
    return store.queues().queues();
  }

  @Override
  public StoreStatus status() {
    return store.queues().status();
  }

  @Override
  public RetainedLog log(String name, long maxBytes) {
    return store.log(name, maxBytes);
  }

  @Override
  public Table table(String name) {
    return store.table(name);
  }
}
