package io.gantry.module.host.resolution;

import io.gantry.spi.module.FetchProgress;

/** Tells how far several downloads are in sum, but not too often. Belongs to one thread. */
final class Progress {

  private static final long LARGEST_STEP = 256 << 10;

  /** Over a slow link somebody wants to see that a small one comes, too. */
  private static final int STEPS = 20;

  private final FetchProgress target;
  private final long total;
  private final long step;
  private long before;
  private long told = -1;

  /**
   * @param total negative when not known
   */
  Progress(FetchProgress target, long total) {
    this.target = target;
    this.total = total;
    this.step = total < 0 ? LARGEST_STEP : Math.min(LARGEST_STEP, Math.max(1, total / STEPS));
  }

  /** Of the present one so much has come. */
  void of(long bytes) {
    long now = before + bytes;
    if (told < 0 || now - told >= step || now == total && now != told) {
      told = now;
      target.fetched(now, total);
    }
  }

  /** The present one is complete. */
  void next(long size) {
    before += Math.max(size, 0);
  }
}
