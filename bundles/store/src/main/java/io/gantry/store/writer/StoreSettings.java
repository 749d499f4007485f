package io.gantry.store.writer;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What an operator may set.
 *
 * @param directory where the files are; absolute
 * @param sync when to sync
 * @param commitInterval how long positions of readers may wait to become durable, 1 ms to 10 s
 * @param commitBytes a group is synced at the latest when it has so many bytes, 4 KiB to 64 MiB
 * @param segmentBytes length of a segment file, 64 KiB to 1 GiB
 * @param bounds how much may wait
 */
public record StoreSettings(
    Path directory,
    SyncPolicy sync,
    Duration commitInterval,
    int commitBytes,
    long segmentBytes,
    StoreBounds bounds) {

  private static final int KIB = 1024;

  public StoreSettings {
    if (!directory.isAbsolute()) {
      throw new IllegalArgumentException(
          "directory: expected an absolute path, found " + directory);
    }
    within("commitIntervalMillis", commitInterval.toMillis(), 1, 10_000);
    within("commitBytes", commitBytes, 4 * KIB, 64 * KIB * KIB);
    within("segmentBytes", segmentBytes, 64 * KIB, (long) KIB * KIB * KIB);
    within("maxBytes", bounds.maxBytes(), 4 * segmentBytes, Long.MAX_VALUE);
    within("endpointPercent of maxBytes", bounds.endpointBytes(), 2 * segmentBytes, Long.MAX_VALUE);
  }

  static void within(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": expected " + min + " to " + max + ", found " + value);
    }
  }
}
