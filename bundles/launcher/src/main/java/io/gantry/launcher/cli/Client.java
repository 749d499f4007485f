package io.gantry.launcher.cli;

import java.io.PrintStream;

/** How the commands ask the running instance, and print what it answers. */
final class Client {

  static final String JSON = "application/json";
  static final int ANSWER_MILLIS = 30_000;

  private static final String TEXT = "text/plain";

  private final Arguments arguments;
  private final Environment environment;

  Client(Arguments arguments, Environment environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /** What the person or the script at the terminal reads. */
  String accept() {
    return arguments.has(Option.JSON.name()) ? JSON : TEXT;
  }

  Instance instance() throws CommandException {
    return Instance.find(environment.data(arguments));
  }

  /** Asks, and prints the answer; returns the exit code. */
  int show(Object path) throws CommandException {
    return show(path, ANSWER_MILLIS);
  }

  /** The same with another time limit; 0 is for ever. */
  int show(Object path, int timeoutMillis) throws CommandException {
    return shown(done(instance().get(path.toString(), accept(), timeoutMillis)));
  }

  /** Asks, and hands the answer over. */
  Instance.Answer ask(Object path) throws CommandException {
    return done(instance().get(path.toString(), accept(), ANSWER_MILLIS));
  }

  /** Tells, and prints the answer; returns the exit code. */
  int tell(Object path) throws CommandException {
    return tell(path, new byte[0], ANSWER_MILLIS);
  }

  /**
   * The same with a body.
   *
   * @param timeoutMillis how long to wait for the answer; 0 is for ever
   */
  int tell(Object path, byte[] body, int timeoutMillis) throws CommandException {
    return shown(done(instance().post(path.toString(), accept(), body, timeoutMillis)));
  }

  private static Instance.Answer done(Instance.Answer answer) throws CommandException {
    if (answer.status() != 200) {
      throw Instance.refused(answer);
    }
    return answer;
  }

  private int shown(Instance.Answer answer) {
    print(environment.out(), answer.body());
    return answer.failed() ? ExitCode.FAILED : ExitCode.DONE;
  }

  /** Prints a text so that it ends with the end of a line. */
  static void print(PrintStream stream, String text) {
    stream.print(text);
    if (!text.isEmpty() && !text.endsWith("\n")) {
      stream.println();
    }
    stream.flush();
  }
}
