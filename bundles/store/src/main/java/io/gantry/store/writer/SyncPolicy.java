package io.gantry.store.writer;

/** When the writer syncs. */
public enum SyncPolicy {
  /** Once for all that waits: durable when acknowledged, the cost is shared. */
  GROUP,
  /** After each record: for measuring what grouping is worth. */
  EACH,
  /** Never: acknowledged is lost in a power cut, but not when the process is killed. */
  NONE
}
