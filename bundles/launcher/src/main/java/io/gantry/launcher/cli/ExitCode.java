package io.gantry.launcher.cli;

/** What the process ends with; part of the product, scripts rely on it. */
public final class ExitCode {

  /** It was done. */
  public static final int DONE = 0;

  /** It was refused or failed; stderr says why. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int USAGE = 2;

  /** No instance runs on this data folder. */
  public static final int NO_INSTANCE = 3;

  /** The framework was updated: start again ({@code RestartForceExitStatus=10} of systemd). */
  public static final int RESTART = 10;

  private ExitCode() {}
}
