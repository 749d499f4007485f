package io.gantry.testkit.routing;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts losses. Safe for use by any number of threads. */
public final class FakeDrops implements Drops {

  private final Map<DropReason, Long> counts = new ConcurrentHashMap<>();

  @Override
  public void dropped(DropReason reason, String subject, String detail) {
    counts.merge(reason, 1L, Long::sum);
  }

  @Override
  public Map<DropReason, Long> counts() {
    Map<DropReason, Long> copy = new EnumMap<>(DropReason.class);
    copy.putAll(counts);
    return copy;
  }
}
