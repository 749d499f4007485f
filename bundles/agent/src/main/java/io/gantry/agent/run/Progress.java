package io.gantry.agent.run;

import java.util.Locale;

/** How far a download is, for a person. */
final class Progress {

  private Progress() {}

  /** For example {@code 3.2 of 10.0 MB}. */
  static String text(long bytes, long total) {
    boolean small = Math.max(bytes, total) < 1_000_000;
    String unit = small ? "kB" : "MB";
    double size = small ? 1_000 : 1_000_000;
    return total < 0
        ? String.format(Locale.ROOT, "%.1f %s", bytes / size, unit)
        : String.format(Locale.ROOT, "%.1f of %.1f %s", bytes / size, total / size, unit);
  }
}
