package io.gantry.launcher;

import io.gantry.launcher.cli.Arguments;
import io.gantry.launcher.cli.ClientCommands;
import io.gantry.launcher.cli.Command;
import io.gantry.launcher.cli.CommandException;
import io.gantry.launcher.cli.Environment;
import io.gantry.launcher.cli.ExitCode;
import io.gantry.launcher.run.RunCommand;
import java.io.Console;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The {@code gantry} command. */
public final class Main {

  /** Time enough for an instance that is busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private Main() {}

  /** Runs one command line and ends the process with its exit code. */
  public static void main(String[] words) {
    Environment environment =
        new Environment(
            Path.of(System.getProperty("gantry.home", "")).toAbsolutePath().normalize(),
            System.getenv(),
            System.in,
            System.out,
            System.err,
            isTerminal(),
            PATIENCE);
    int code = execute(List.of(words), environment);
    if (code == ExitCode.DONE && isLost(System.out)) {
      System.err.println("gantry: the output could not be written, the file is not complete");
      code = ExitCode.FAILED;
    }
    System.exit(code);
  }

  /** On a full disk; a reader who goes early (as in 'gantry status | head') has what it wanted. */
  private static boolean isLost(PrintStream out) {
    return out.checkError() && Files.isRegularFile(Path.of("/dev/stdout"));
  }

  static int execute(List<String> words, Environment environment) {
    try {
      Arguments arguments = Arguments.parse(words);
      if (arguments.has("--help")) {
        return execute(List.of("help", arguments.command().word()), environment);
      }
      return arguments.command() == Command.RUN
          ? new RunCommand(arguments, environment).execute()
          : new ClientCommands(arguments, environment).execute();
    } catch (CommandException e) {
      if (!e.getMessage().isEmpty()) {
        environment.err().println("gantry: " + e.getMessage());
      }
      return e.exitCode();
    } catch (InvalidPathException e) {
      environment
          .err()
          .println("gantry: '" + e.getInput() + "' cannot be the name of a file: " + e.getReason());
      return ExitCode.FAILED;
    } finally {
      environment.out().flush();
      environment.err().flush();
    }
  }

  /** From Java 22 on a console exists without a terminal and says itself what it is. */
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
