package io.gantry.console.status;

import java.util.Locale;

/** Sizes of what is fetched and kept, for people. */
public final class Sizes {

  private static final long STEP = 1000;
  private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

  private Sizes() {}

  /** In the unit that leaves few digits. */
  public static String text(long bytes) {
    if (bytes < STEP) {
      return bytes + " B";
    }
    double size = (double) bytes / STEP;
    int unit = 0;
    while (size >= STEP && unit < UNITS.length - 1) {
      size /= STEP;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
  }
}
