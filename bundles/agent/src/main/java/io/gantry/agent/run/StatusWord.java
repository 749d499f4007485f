package io.gantry.agent.run;

import java.util.Locale;

/** The words of {@code runtimeStatus}. */
public enum StatusWord {
  /** Nothing was attempted yet, or nobody looks any more. */
  UNKNOWN,
  /** It is being fetched, and nothing of it is installed. */
  DOWNLOADING,
  RUNNING,
  /** It runs, but says that it is not healthy, or one of its handlers hangs. */
  UNHEALTHY,
  STOPPED,
  /** It does not run, and is started again later. */
  BACKOFF,
  /** It does not run because it, or its installation, failed. */
  FAILED;

  /** As reported. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
