package io.gantry.platform;

import io.gantry.platform.metrics.DropLedger;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import java.time.InstantSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Offers the one door for losses. */
@Component
public final class DropsComponent implements Drops {

  private final DropLedger ledger;

  @Activate
  public DropsComponent(@Reference InstantSource clock) {
    ledger = new DropLedger(clock);
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
