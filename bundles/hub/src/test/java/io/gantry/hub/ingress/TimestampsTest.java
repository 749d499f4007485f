package io.gantry.hub.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampsTest {

  private final Timestamps timestamps = new Timestamps();

  private void expectTheTextOf(long second, long nano) {
    Instant instant = Instant.ofEpochSecond(second, nano);
    assertEquals(instant.toString(), timestamps.text(instant));
  }

  /** Clocks differ in how fine they are, and round numbers are written shorter. */
  @Test
  void aTextIsWhatTheInstantWouldSayOfItself() {
    for (long second : new long[] {0, 1_700_000_000, -1, 253_402_300_800L, -62_167_219_201L}) {
      for (int nano : new int[] {0, 1, 999_999_999, 1_000, 120_000, 1_000_000, 999_000_000, 50}) {
        expectTheTextOf(second, nano);
      }
    }
  }

  @Test
  void theSecondMayChangeAtAnyTime() {
    Random random = new Random(4711);
    for (int i = 0; i < 10_000; i++) {
      expectTheTextOf(1_700_000_000 + random.nextInt(3), random.nextInt(1_000_000_000));
    }
  }
}
