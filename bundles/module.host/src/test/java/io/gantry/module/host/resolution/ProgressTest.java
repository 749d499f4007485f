package io.gantry.module.host.resolution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final List<Long> told = new ArrayList<>();

  private void fetch(long total, long piece) {
    Progress progress = new Progress((fetched, all) -> told.add(fetched), total);
    for (long bytes = 0; bytes <= Math.abs(total); bytes += piece) {
      progress.of(bytes);
    }
  }

  /** Over a slow link 12 kB take a while, too. */
  @Test
  void aSmallDownloadIsToldInSteps() {
    fetch(12_000, 500);
    assertEquals(13, told.size());
    assertEquals(12_000, told.get(12));
  }

  @Test
  void aLargeOneIsToldOftenEnoughAndNotForEachPiece() {
    fetch(100L << 20, 8 << 10);
    assertEquals(401, told.size());
  }

  @Test
  void oneOfUnknownSizeIsToldInLargeSteps() {
    fetch(-(1L << 20), 8 << 10);
    assertEquals(5, told.size());
  }
}
