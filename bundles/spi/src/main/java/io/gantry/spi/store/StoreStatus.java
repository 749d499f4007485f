package io.gantry.spi.store;

import java.util.List;
import java.util.Optional;

/**
 * Figures of the store.
 *
 * @param bytes what the store occupies on disk
 * @param maxBytes its limit
 * @param segments number of segment files
 * @param appended records appended since the start
 * @param damagedRecords records found damaged since the start
 * @param warnings what will become a problem, or is one for a single receiver
 * @param problem why nothing is accepted now; empty when all is well
 */
public record StoreStatus(
    long bytes,
    long maxBytes,
    int segments,
    long appended,
    long damagedRecords,
    List<String> warnings,
    Optional<String> problem) {
  public StoreStatus {
    warnings = List.copyOf(warnings);
  }
}
