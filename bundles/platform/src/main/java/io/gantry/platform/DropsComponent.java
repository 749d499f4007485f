package io.gantry.platform;

import io.gantry.platform.metrics.DropLedger;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.metrics.Metrics;
import java.time.InstantSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Offers the one door for losses. */
@Component
public final class DropsComponent implements Drops {

  private final DropLedger ledger;
  private final Cancellable shown;

  @Activate
  public DropsComponent(@Reference InstantSource clock, @Reference Metrics metrics) {
    ledger = new DropLedger(clock);
    shown =
        metrics.readCounter(
            "gantry_messages_dropped_total",
            "Messages that were not passed on.",
            ledger::tell,
            "reason");
  }

  @Deactivate
  void deactivate() {
    shown.cancel();
  }

  @Override
  public void dropped(DropReason reason, String subject, String detail) {
    ledger.dropped(reason, subject, detail);
  }

  @Override
  public Map<DropReason, Long> counts() {
    return ledger.counts();
  }
}
