package io.gantry.launcher.cli;

/** A command cannot go on: a sentence for the person at the terminal, and the exit code. */
public final class CommandException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * @param exitCode one of {@link ExitCode}
   * @param text what was attempted, on what, what was found, what would help
   */
  public CommandException(int exitCode, String text) {
    super(text);
    this.exitCode = exitCode;
  }

  /** A command that was refused or failed. */
  public static CommandException failed(String text) {
    return new CommandException(ExitCode.FAILED, text);
  }

  /** What the process ends with. */
  public int exitCode() {
    return exitCode;
  }
}
