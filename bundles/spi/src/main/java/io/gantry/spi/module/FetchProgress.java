package io.gantry.spi.module;

import org.osgi.annotation.versioning.ConsumerType;

/** Is told how far the downloads for a module are; called seldom, on any thread, must not block. */
@ConsumerType
@FunctionalInterface
public interface FetchProgress {

  /** Nobody wants to know. */
  FetchProgress NONE = (fetched, total) -> {};

  /**
   * So far.
   *
   * @param fetched bytes that were fetched
   * @param total bytes to fetch in all; negative when not known
   */
  void fetched(long fetched, long total);
}
