package io.gantry.itest.flow.mixed;

import java.util.Locale;

/** What the routes tell messages apart by. */
public enum Kind {
  /** Of the lowest priority. */
  LOW,
  /** Of a middle priority; goes through the filter, too. */
  MID,
  /** Of the highest priority. */
  HIGH,
  /** Of no use after a while to the module outside. */
  SHORT;

  private static final int SPREAD = 0x9E3779B1;

  /** The kind of a sender's message of this number: any, and always the same. */
  public static Kind of(int number) {
    return values()[(number * SPREAD) >>> 30];
  }

  /** Its name in messages and routes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
