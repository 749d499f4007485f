package io.gantry.agent.manifest;

import java.util.Locale;

/** What a module shall be. */
public enum DesiredStatus {
  RUNNING,
  STOPPED;

  /** As written in manifests and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
