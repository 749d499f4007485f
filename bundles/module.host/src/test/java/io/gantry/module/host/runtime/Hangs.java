package io.gantry.module.host.runtime;

import io.gantry.module.host.fixture.Hanging;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Calls into bundles that do not come back. */
final class Hangs {

  private static final String FIXTURES = Hanging.class.getPackageName() + ".";

  /** Where Felix waits while another thread starts or stops the same bundle. */
  private static final String HELD_UP = "acquireBundleLock";

  private Hangs() {}

  /**
   * Lets the time limit of these calls pass, but not before all of them hang: else it would be the
   * limit of what comes before them, or of a thread that has not begun.
   *
   * @param whose the modules, or the bundles with their versions
   */
  static void giveUp(RealTime time, String... whose) {
    Set<String> expected =
        Arrays.stream(whose).map(name -> "test-module-" + name).collect(Collectors.toSet());
    HostRig.until("these hang: " + expected, () -> hanging().containsAll(expected));
    time.pass(TestFramework.LIMITS.start());
  }

  private static Set<String> hanging() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> Arrays.stream(thread.getValue()).anyMatch(Hangs::doesNotComeBack))
        .map(thread -> thread.getKey().getName())
        .collect(Collectors.toSet());
  }

  private static boolean doesNotComeBack(StackTraceElement frame) {
    return frame.getClassName().startsWith(FIXTURES) || frame.getMethodName().equals(HELD_UP);
  }
}
