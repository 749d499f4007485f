package io.gantry.agent.manifest;

import java.util.Locale;

/** When a module that stopped by itself is started again. */
public enum RestartPolicy {
  /** Not at all. */
  NEVER,
  /** When it failed. */
  ON_FAILURE,
  /** When it failed or says that it is not healthy. */
  ON_UNHEALTHY,
  /** Whenever it does not run. */
  ALWAYS;

  /** As written in manifests and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
