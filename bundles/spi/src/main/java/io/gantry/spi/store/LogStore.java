package io.gantry.spi.store;

import org.osgi.annotation.versioning.ProviderType;

/** Durable logs that keep the newest records within a bound. */
@ProviderType
public interface LogStore {

  /**
   * Opens a log, or creates it.
   *
   * @param name lower-case letters, digits and dashes
   * @param maxBytes bound of the disk space; the oldest records are forgotten first. At least 1 MiB
   */
  RetainedLog log(String name, long maxBytes);
}
