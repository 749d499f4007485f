package io.gantry.launcher.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Where a command runs: handed in, so that a test can be the terminal.
 *
 * @param home the folder of the installation
 * @param variables environment variables
 * @param in standard input
 * @param out standard output
 * @param err standard error
 * @param terminal whether a person reads standard output
 * @param patience how long something is waited for without which it goes as well
 */
public record Environment(
    Path home,
    Map<String, String> variables,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Duration patience) {

  /** The data folder that the command line means. */
  public Path data(Arguments arguments) {
    return folder(arguments, "--data", "GANTRY_DATA", "data");
  }

  /** The configuration folder that the command line means. */
  public Path conf(Arguments arguments) {
    return folder(arguments, "--conf", "GANTRY_CONF", "conf");
  }

  private Path folder(Arguments arguments, String option, String variable, String name) {
    String given = arguments.value(option).orElse(variables.getOrDefault(variable, ""));
    return (given.isEmpty() ? home.resolve(name) : Path.of(given)).toAbsolutePath().normalize();
  }
}
