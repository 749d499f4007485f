package io.gantry.itest.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionIT {

  @TempDir private Path temp;

  @Test
  void itSaysItsVersionWithoutARunningInstance() {
    try (Distribution distribution = Distribution.in(temp.resolve("gantry"))) {
      Distribution.Result result = distribution.cli("version");

      assertEquals(0, result.exitCode(), result.err());
      assertTrue(result.out().startsWith("gantry 0."), result.out());
    }
  }

  @Test
  void aCommandWithoutARunningInstanceEndsWithThree() {
    try (Distribution distribution = Distribution.in(temp.resolve("gantry"))) {
      Distribution.Result result = distribution.cli("status");

      assertEquals(3, result.exitCode(), result.err());
      assertTrue(result.err().contains("no running instance"), result.err());
    }
  }
}
