package io.gantry.launcher.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StartLevelsTest {

  @Test
  void levelsAreReadFromTheAttributesOfTheRunFile() {
    StartLevels levels =
        StartLevels.parse(
            "a.b;version=\"[1.0,2.0)\";startlevel=\"1\",c.d;startlevel=10;version=1.2.3, e.f");
    assertEquals(1, levels.of("a.b"));
    assertEquals(10, levels.of("c.d"));
    assertEquals(10, levels.highest());
  }

  @Test
  void whatIsNotListedStartsInTheMiddle() {
    assertEquals(5, StartLevels.parse("").of("x"));
    assertEquals(5, StartLevels.parse("").highest());
  }
}
