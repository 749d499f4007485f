package io.gantry.platform.metrics;

import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.metrics.Readings;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts every loss and logs the first of each reason in ten seconds: enough to find the cause, and
 * a flood of losses does not become a flood of log lines.
 */
public final class DropLedger implements Drops {

  private static final Logger LOG = LoggerFactory.getLogger(DropLedger.class);
  private static final long LOG_INTERVAL_MILLIS = 10_000;

  private final InstantSource clock;
  private final Map<DropReason, Entry> entries = new EnumMap<>(DropReason.class);

  public DropLedger(InstantSource clock) {
    this.clock = clock;
    for (DropReason reason : DropReason.values()) {
      entries.put(reason, new Entry());
    }
  }

  @Override
  public void dropped(DropReason reason, String subject, String detail) {
    Entry entry = entries.get(reason);
    entry.count.increment();
    long now = clock.millis();
    long next = entry.nextLog.get();
    // A clock that was set back must not silence the log for as long as it was set back.
    boolean due = now >= next || next - now > LOG_INTERVAL_MILLIS;
    if (due && entry.nextLog.compareAndSet(next, now + LOG_INTERVAL_MILLIS)) {
      LOG.warn(
          "Message dropped: {} from or for {}: {} ({} so far)",
          reason.label(),
          subject,
          detail,
          entry.count.sum());
    }
  }

  @Override
  public Map<DropReason, Long> counts() {
    Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
    entries.forEach(
        (reason, entry) -> {
          long count = entry.count.sum();
          if (count > 0) {
            counts.put(reason, count);
          }
        });
    return counts;
  }

  /** Tells the count of each reason, be it none: what never happened can be watched, too. */
  public void tell(Readings.Readout to) {
    entries.forEach((reason, entry) -> to.value(entry.count.sum(), reason.label()));
  }

  private static final class Entry {
    final LongAdder count = new LongAdder();
    final AtomicLong nextLog = new AtomicLong(Long.MIN_VALUE / 2);
  }
}
