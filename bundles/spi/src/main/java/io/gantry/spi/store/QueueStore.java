package io.gantry.spi.store;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One durable log that any number of named queues share. A record is written once, with a reference
 * to each queue it belongs to, in one atomic append: after a crash it is in all of them or in none.
 * Queues are created by their first use and remembered. Safe for use by any number of threads.
 *
 * <p>Queues whose names differ only behind the last {@code #} belong together and share what one
 * receiver may occupy. When that, or the store's own bound, is reached, appends fail or the oldest
 * records go, as the operator has decided.
 */
@ProviderType
public interface QueueStore {

  /**
   * Appends a record for the given queues.
   *
   * @param record the bytes; handed over, must not be changed afterwards. At most 1 MiB
   * @param targets at least one; a queue that is named twice counts as the first time
   * @return completes with the record's offset once it is as durable as the {@code sync} setting
   *     promises, on the store's writer thread, which must not be blocked; fails with {@link
   *     StoreException} when nothing was stored. Stages complete in the order of the calls
   */
  CompletionStage<Long> append(byte[] record, QueueTarget... targets);

  /** As above, for queues where the record is worth something for ever. */
  default CompletionStage<Long> append(byte[] record, Collection<String> queues) {
    return append(record, queues.stream().map(QueueTarget::of).toArray(QueueTarget[]::new));
  }

  /** The queue of this name. Each queue has one reader at a time. */
  MessageQueue queue(String name);

  /** The names of all queues that hold records or a position. */
  Set<String> queues();

  /** Figures for operators. */
  StoreStatus status();
}
