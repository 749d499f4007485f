package io.gantry.web.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutflowTest {

  private final Outflow outflow = new Outflow();

  private List<Boolean> told() {
    List<Boolean> told = new ArrayList<>();
    while (outflow.settle()) {
      told.add(outflow.told());
    }
    return told;
  }

  @Test
  void moreMayBeSentAgainWhenMostHasGone() {
    assertFalse(outflow.added((int) Outflow.HIGH));
    assertTrue(outflow.isLittle());
    assertTrue(outflow.added(1));
    assertFalse(outflow.isLittle());
    assertEquals(List.of(false), told());
    outflow.done((int) (Outflow.HIGH - Outflow.LOW + 1));
    assertEquals(List.of(), told());
    outflow.done(1);
    assertEquals(List.of(true), told());
    assertTrue(outflow.isLittle());
  }

  /** A thread that saw "no" would otherwise wait for a "yes" that never comes. */
  @Test
  void whoSawNoIsToldYesEvenWhenAllHasGoneBeforeTheLoopKnewOfNo() {
    assertTrue(outflow.added((int) Outflow.HIGH + 1));
    assertFalse(outflow.isLittle());
    outflow.done((int) Outflow.HIGH + 1);
    assertEquals(List.of(false, true), told());
    assertEquals(List.of(), told());
  }

  @Test
  void nothingIsToldTwice() {
    assertTrue(outflow.added((int) Outflow.HIGH + 1));
    assertFalse(outflow.added(1));
    assertEquals(List.of(false), told());
    assertEquals(List.of(), told());
  }
}
