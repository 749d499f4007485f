package io.gantry.module.host.index;

/** Texts that may quote what comes from outside, for the log and for reports. */
public final class Line {

  private static final int MAX_LENGTH = 600;

  private Line() {}

  /** The text as one line of bounded length. */
  public static String of(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }
}
