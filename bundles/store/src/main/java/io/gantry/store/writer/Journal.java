package io.gantry.store.writer;

import io.gantry.spi.store.StoreException;
import java.io.IOException;

/**
 * Something with a file of its own that the writer thread writes to. The writer calls {@link
 * Job#write} for what waits, then flushes and syncs each journal that was touched, then answers.
 * All methods are called on the writer thread.
 */
public interface Journal {

  /** A name for logs. */
  String name();

  /** Whether a new file must be begun before a record of this size. */
  boolean isFull(int bytes);

  /** Begins a new file; whatever was written before is committed and answered. */
  void roll() throws IOException;

  /** Writes what jobs have put into its buffer. */
  void flush() throws IOException;

  /** Makes what was flushed durable. */
  void sync() throws IOException;

  /** Whether to sync even if the operator wants no syncs. */
  boolean alwaysSynced();

  /** What was flushed is durable, or as durable as the policy says; the answers follow. */
  void committed();

  /**
   * A write or a sync failed: forget everything since the last commit, on disk as well, and be
   * ready for the next attempt. Nothing of it may be believed to be durable, not even after a later
   * sync that succeeds.
   */
  void rollback(StoreException failure);

  /** A record was not admitted; whatever came before it is committed. */
  default void refused() {}

  /** Something to be written to a journal. */
  interface Job {

    /** Where it belongs. */
    Journal journal();

    /** Size in bytes. */
    int size();

    /** Whether it may be written now; refuses by throwing. */
    default void admit() throws StoreException {}

    /** Puts the record into the journal's buffer. */
    void write() throws IOException;

    /** It is durable. */
    void done();

    /** It was not stored. */
    void failed(StoreException failure);

    /** Whether the reserve is meant for it: it is tried once more when the reserve was given up. */
    default boolean isVital() {
      return false;
    }
  }
}
