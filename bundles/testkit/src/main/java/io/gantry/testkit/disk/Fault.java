package io.gantry.testkit.disk;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Lets the n-th call from now on fail, and a number of further ones. Guarded by the disk. */
final class Fault {

  private final String what;
  private long until;
  private long times;

  Fault(String what) {
    this.what = what;
  }

  void in(int calls, int failures) {
    until = calls;
    times = failures;
  }

  /** Counts a call; the exception if it is one that must fail. */
  @Nullable IOException next() {
    if (times == 0) {
      return null;
    }
    until--;
    if (until > 0) {
      return null;
    }
    times--;
    return new IOException(what + " failed as the test wanted");
  }
}
