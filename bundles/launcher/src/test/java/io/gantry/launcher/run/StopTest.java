package io.gantry.launcher.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.osgi.framework.FrameworkEvent;

class StopTest {

  @Test
  void theEndOfTheFrameworkDecidesTheExitCode() {
    assertEquals(0, Stop.exitCode(FrameworkEvent.STOPPED));
    assertEquals(10, Stop.exitCode(FrameworkEvent.STOPPED_UPDATE));
    assertEquals(10, Stop.exitCode(FrameworkEvent.STOPPED_SYSTEM_REFRESHED));
    assertEquals(1, Stop.exitCode(FrameworkEvent.ERROR));
  }
}
