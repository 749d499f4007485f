package io.gantry.store;

import io.gantry.spi.execution.Threads;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.store.LogStore;
import io.gantry.spi.store.MessageQueue;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.RetainedLog;
import io.gantry.spi.store.StoreStatus;
import io.gantry.spi.store.Table;
import io.gantry.spi.store.TableStore;
import io.gantry.store.file.FileDisk;
import io.gantry.store.folder.StoreFolder;
import io.gantry.store.writer.StoreBounds;
import io.gantry.store.writer.StoreBounds.WhenFull;
import io.gantry.store.writer.StoreSettings;
import io.gantry.store.writer.SyncPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
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

    int endpointPercent() default 75;

    int warningPercent() default 80;

    String whenFull() default "refuse";

    long maxAgeSeconds() default 0;
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
            setting("sync", config.sync(), SyncPolicy.class),
            Duration.ofMillis(config.commitIntervalMillis()),
            config.commitBytes(),
            config.segmentBytes(),
            new StoreBounds(
                config.maxBytes(),
                config.endpointPercent(),
                config.warningPercent(),
                setting("whenFull", config.whenFull(), WhenFull.class),
                Duration.ofSeconds(config.maxAgeSeconds())));
    store = new StoreFolder(new FileDisk(), settings, clock, threads.factory("store"), drops);
  }

  private static <E extends Enum<E>> E setting(String name, String text, Class<E> values) {
    for (E value : values.getEnumConstants()) {
      if (value.name().equals(text.replace('-', '_').toUpperCase(Locale.ROOT))) {
        return value;
      }
    }
    String expected =
        Arrays.stream(values.getEnumConstants())
            .map(value -> value.name().replace('_', '-').toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        name + ": expected one of " + expected + ", found '" + text + "'");
  }

  @Deactivate
  void deactivate() throws IOException {
    store.close();
  }

  @Override
  public CompletionStage<Long> append(byte[] record, QueueTarget... targets) {
    return store.queues().append(record, targets);
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
