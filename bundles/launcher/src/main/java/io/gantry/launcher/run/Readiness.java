package io.gantry.launcher.run;

import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Instance;
import io.gantry.launcher.cli.ReadyReport;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.FrameworkEvent;

/**
 * Waits until the gateway does its work, by asking the same address that the command line asks. A
 * problem that waiting will not solve ends the wait; a first deployment that takes long (modules
 * may come over a slow link) does not.
 */
final class Readiness {

  private static final String CONSOLE = "io.gantry.console";
  private static final int POLL_MILLIS = 50;
  private static final int ANSWER_MILLIS = 5_000;
  private static final int POLLS_PER_SECOND = 1000 / POLL_MILLIS;
  private static final int LONGEST = 60 * POLLS_PER_SECOND;
  // A component that is replaced while configuration comes in may find its own port taken.
  private static final int PROBLEM_LASTS = POLLS_PER_SECOND;
  private static final int TELL_AFTER = 5 * POLLS_PER_SECOND;

  private final FrameworkHost host;
  private final Path data;
  private final PrintStream out;
  private int problemSeen;
  private Optional<String> consoleFailure = Optional.empty();
  private List<String> told = List.of();

  Readiness(FrameworkHost host, Path data, PrintStream out) {
    this.host = host;
    this.data = data;
    this.out = out;
  }

  /**
   * Waits.
   *
   * @return what is there; empty when the framework was stopped meanwhile
   * @throws CommandException when the gateway cannot get ready
   */
  Optional<ReadyReport> await() throws CommandException, InterruptedException {
    for (int poll = 0; ; poll++) {
      Optional<ReadyReport> report = ask();
      if (report.isPresent()) {
        if (report.get().ready() || poll >= LONGEST) {
          return report;
        }
        checkProblems(report.get());
        tell(poll, report.get().waiting());
      } else {
        checkSilence(poll);
      }
      // The pause ends early when somebody stops the gateway before it was ready.
      if (host.waitForStop(POLL_MILLIS) != FrameworkEvent.WAIT_TIMEDOUT) {
        return Optional.empty();
      }
    }
  }

  private Optional<ReadyReport> ask() {
    if (!Files.exists(Instance.file(data))) {
      return Optional.empty();
    }
    try {
      return Optional.of(ReadyReport.ask(Instance.find(data), ANSWER_MILLIS));
    } catch (CommandException e) {
      // The file is there a moment before the address answers.
      return Optional.empty();
    }
  }

  /** No answer at all: the configuration may be unusable, or something is broken. */
  private void checkSilence(int poll) throws CommandException {
    if (poll > 0 && poll % POLLS_PER_SECOND == 0) {
      checkConsole();
    }
    if (poll >= TELL_AFTER && !host.configured(CONSOLE)) {
      throw CommandException.failed(
          "the configuration has no section "
              + CONSOLE
              + ": expected a sound conf/gantry.json with it; the log "
              + log()
              + " tells what was found");
    }
    if (poll >= LONGEST) {
      throw CommandException.failed(
          "the management API did not answer within 60 s; the log " + log() + " may tell why");
    }
  }

  /** The only part that cannot say itself what is wrong with its configuration. */
  private void checkConsole() throws CommandException {
    Optional<String> failure = host.failure(CONSOLE);
    if (failure.isPresent() && failure.equals(consoleFailure)) {
      throw CommandException.failed(
          "the configuration "
              + CONSOLE
              + " cannot be used: "
              + failure.get()
              + "; correct it in conf/gantry.json and start again");
    }
    consoleFailure = failure;
  }

  private Path log() {
    return data.resolve("logs").resolve("gantry.log");
  }

  private void checkProblems(ReadyReport report) throws CommandException {
    problemSeen = report.problems().isEmpty() ? 0 : problemSeen + 1;
    if (problemSeen > PROBLEM_LASTS) {
      throw CommandException.failed(
          "the gateway cannot do its work and is stopped: " + String.join("\n", report.problems()));
    }
  }

  private void tell(int poll, List<String> waiting) {
    if (poll >= TELL_AFTER && !waiting.equals(told)) {
      waiting.forEach(text -> out.println("waiting for " + text));
      told = waiting;
    }
  }
}
