package io.gantry.launcher.cli;

import java.io.PrintStream;

/**
 * What somebody is told who stops waiting (Ctrl-C, a signal) for something that goes on without
 * them. Closed when there is nothing to wait for any more.
 */
final class Departure implements AutoCloseable {

  private final Thread hook;

  private Departure(Thread hook) {
    this.hook = hook;
  }

  /** From now on. */
  static Departure tells(PrintStream err, String text) {
    Thread hook =
        new Thread(
            () -> {
              err.println(text);
              err.flush();
            },
            "gantry-departure");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Departure(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException leaving) {
      // It is being told.
      return;
    }
  }
}
