package io.gantry.platform.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.spi.metrics.DropReason;
import io.gantry.testkit.time.ManualTime;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DropLedgerTest {

  @Test
  void everyLossIsCountedUnderItsReasonHoweverFastTheyCome() {
    DropLedger ledger = new DropLedger(new ManualTime());
    assertEquals(Map.of(), ledger.counts());
    for (int i = 0; i < 1_000; i++) {
      ledger.dropped(DropReason.NO_ROUTE, "thermo1", "no route of /messages matches");
    }
    ledger.dropped(DropReason.TOO_LARGE, "thermo1", "262145 bytes");
    assertEquals(Map.of(DropReason.NO_ROUTE, 1_000L, DropReason.TOO_LARGE, 1L), ledger.counts());
  }
}
