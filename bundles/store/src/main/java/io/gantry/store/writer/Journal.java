package io.gantry.store.writer;

import io.gantry.spi.store.StoreException;
import java.io.IOException;

/**
 * Something with a file of its own that the writer thread writes to. The writer calls {@link
 * Job#write} for what waits, then flushes and syncs each journal that was touched, then answers.
 */
public interface Journal {

  /** Writes what jobs have put into its buffer. */
  void flush() throws IOException;

  /** Makes what was flushed durable. */
  void sync() throws IOException;

  /**
   * A write or a sync failed: forget everything since the last successful sync, on disk as well,
   * and be ready for the next attempt.
   */
  void rollback(StoreException failure);

  /** Everything up to here is durable (or as durable as the policy says). */
  void committed();

  /** A name for logs. */
  String name();

  /** Something to be written to a journal. */
  interface Job {

    /** Where it belongs. */
    Journal journal();

    /** Rough size in bytes, for grouping. */
    int size();

    /** Puts the record into the journal's buffer; writer thread. Refuses by throwing. */
    void write() throws IOException;

    /** It is durable; writer thread. */
    void done();

    /** It was not stored; writer thread. */
    void failed(StoreException failure);
  }
}
