package io.gantry.store.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.disk.FaultyDisk;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The store's promise, at random moments: what was acknowledged is there, in all its queues, in
 * order, and nothing else is. Each seed is three lives of one store, with two ends that nobody
 * wanted and one that was orderly.
 */
class PowerCutTest {

  private static final int SEEDS = Integer.getInteger("gantry.power.cuts", 300);

  @Test
  void whatWasAcknowledgedSurvivesPowerCutsAndKills() throws Exception {
    int merged = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      merged += live(seed, false) ? 1 : 0;
    }
    assertTrue(merged > SEEDS / 20, "files were merged in " + merged + " lives only");
  }

  /** Writes and syncs fail on the way: what was refused must not be there, either. */
  @Test
  void whatWasAcknowledgedSurvivesPowerCutsOfABrokenDisk() throws Exception {
    for (long seed = 0; seed < SEEDS; seed++) {
      live(10_000 + seed, true);
    }
  }

  /** Whether files were merged. */
  private static boolean live(long seed, boolean broken) throws Exception {
    try {
      RandomLife life = new RandomLife(new Random(seed), broken);
      FaultyDisk disk = life.live(new FaultyDisk(), seed);
      disk = life.live(disk, seed + 1);
      life.liveInOrder(disk);
      return life.hasMerged();
    } catch (Exception | AssertionError failure) {
      throw new AssertionError("seed " + seed + (broken ? ", broken disk" : ""), failure);
    }
  }

  /** The removal is not acknowledged, but what came after it is. */
  @Test
  void aQueueThatWasMadeAgainHoldsOnlyWhatCameSince() throws Exception {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      FaultyDisk disk = new FaultyDisk();
      String last = "none";
      for (int life = 0; life < 3; life++) {
        TestFolder folder = TestFolder.open(disk);
        if (life > 0) {
          assertEquals(last, String.join(",", folder.waiting("a")), "seed " + seed);
        }
        for (int i = random.nextInt(20); i >= 0; i--) {
          folder.append(TestFolder.record(i, random.nextInt(20_000)), "a", "b");
          folder.drain("b");
        }
        folder.queue("a").remove();
        last = "since " + life;
        folder.append(last, "a", "b");
        disk = random.nextBoolean() ? disk.powerCut(seed) : disk.kill();
        folder.close();
      }
    }
  }
}
