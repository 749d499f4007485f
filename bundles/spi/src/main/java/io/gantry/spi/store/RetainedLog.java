package io.gantry.spi.store;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A durable log bounded by bytes, read by offset. Offsets count up by one from 0 and are never used
 * again. Safe for use by any number of threads.
 */
@ProviderType
public interface RetainedLog {

  /** One record. */
  record Entry(long offset, byte[] record) {}

  /**
   * Appends a record.
   *
   * @return completes with its offset once durable, on the store's writer thread; fails with {@link
   *     StoreException}
   */
  CompletionStage<Long> append(byte[] record);

  /**
   * Reads from an offset on. An offset below {@link #first()} begins at the first.
   *
   * @return at most so many records in order; empty when there is nothing more
   */
  List<Entry> read(long from, int maxEntries) throws IOException;

  /** Offset of the oldest record still kept; {@link #next()} when empty. */
  long first();

  /** Offset that the next record will get. */
  long next();

  /** Calls the listener after each batch of appended records, on the store's writer thread. */
  AutoCloseable onAppend(Runnable listener);
}
