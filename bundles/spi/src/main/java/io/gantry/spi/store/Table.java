package io.gantry.spi.store;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A small crash-safe map from text to bytes, held in memory and written through. Safe for use by
 * any number of threads; a read sees every completed write.
 */
@ProviderType
public interface Table {

  /** The value of a key; a copy. */
  Optional<byte[]> get(String key);

  /** All keys, a snapshot. */
  Set<String> keys();

  /**
   * Sets or replaces a value.
   *
   * @param value copied; at most 16 MiB
   * @return completes once durable (always synced, whatever the {@code sync} setting), on the
   *     store's writer thread; fails with {@link StoreException}, then the old value stands
   */
  CompletionStage<Void> put(String key, byte[] value);

  /** Removes a key if present; completes as {@link #put} does. */
  CompletionStage<Void> remove(String key);
}
