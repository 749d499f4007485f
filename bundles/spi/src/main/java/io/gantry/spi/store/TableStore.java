package io.gantry.spi.store;

import org.osgi.annotation.versioning.ProviderType;

/** Small crash-safe tables for state: configuration, twins, deployments. */
@ProviderType
public interface TableStore {

  /**
   * Opens a table, or creates it. The same name gives the same table.
   *
   * @param name lower-case letters, digits and dashes
   */
  Table table(String name);
}
