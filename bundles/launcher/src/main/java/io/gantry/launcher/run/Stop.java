package io.gantry.launcher.run;

import io.gantry.launcher.cli.ExitCode;
import java.io.PrintStream;
import org.osgi.framework.FrameworkEvent;

/**
 * The way out. Whoever asks for it (a signal, {@code gantry stop}, a failed start), the framework
 * gets ten seconds; then the process ends hard. The store is made for that.
 */
final class Stop {

  private static final long LIMIT_MILLIS = 10_000;

  private final FrameworkHost host;
  private final PrintStream err;

  Stop(FrameworkHost host, PrintStream err) {
    this.host = host;
    this.err = err;
  }

  /** Begins to watch; call once, after the framework has been initialised. */
  void arm() {
    host.onStopping(() -> daemon("gantry-stop-limit", this::enforce));
    Runtime.getRuntime().addShutdownHook(new Thread(this::onSignal, "gantry-shutdown"));
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void enforce() {
    try {
      if (host.waitForStop(LIMIT_MILLIS) == FrameworkEvent.WAIT_TIMEDOUT) {
        err.println(
            "gantry: not stopped after "
                + LIMIT_MILLIS / 1000
                + " s, bundles that still stop: "
                + host.stopping()
                + "; ending hard");
        err.flush();
        Runtime.getRuntime().halt(ExitCode.FAILED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A signal, or the end of main: the former must end with 0, which only halt can do here. */
  private void onSignal() {
    try {
      if (host.stopped()) {
        return;
      }
      host.stop();
      host.waitForStop(0);
      Runtime.getRuntime().halt(ExitCode.DONE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end of the framework and tells the exit code. */
  int await() throws InterruptedException {
    return exitCode(host.waitForStop(0));
  }

  static int exitCode(int event) {
    return switch (event) {
      case FrameworkEvent.STOPPED -> ExitCode.DONE;
      case FrameworkEvent.STOPPED_UPDATE, FrameworkEvent.STOPPED_SYSTEM_REFRESHED ->
          ExitCode.RESTART;
      default -> ExitCode.FAILED;
    };
  }
}
