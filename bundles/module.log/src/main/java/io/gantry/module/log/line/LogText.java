package io.gantry.module.log.line;

import java.util.Locale;

/**
 * Makes texts harmless: what a module logs may come from whoever talks to it, and is read on a
 * terminal. Control characters are written out, so that a text can neither steer the terminal nor
 * pretend to be several lines of the log; line feeds and tabs stay.
 */
public final class LogText {

  /** Bound of one text in UTF-8. */
  public static final int MOST_BYTES = 64 * 1024;

  /** What the mark of a text that was cut may take. */
  private static final int ROOM_FOR_MARK = 64;

  private LogText() {}

  /** The text without control characters and blank ends, cut with a mark when it is too long. */
  public static String clean(String raw) {
    String text = raw.stripTrailing();
    return isHarmless(text) ? text : rewritten(text);
  }

  private static boolean isHarmless(String text) {
    if (text.length() > MOST_BYTES / 3) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && c != '\n' && c != '\t') {
        return false;
      }
    }
    return true;
  }

  private static String rewritten(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MOST_BYTES) + ROOM_FOR_MARK);
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (bytes > MOST_BYTES - ROOM_FOR_MARK && bytes + bytesOfRest(text, i) > MOST_BYTES) {
        return out.append(" [cut, ").append(text.length() - i).append(" more]").toString();
      }
      boolean endsLine = c == '\r' && next < text.length() && text.charAt(next) == '\n';
      if (!endsLine) {
        bytes += append(c, out);
      }
      i = next;
    }
    return out.toString();
  }

  private static int append(int c, StringBuilder out) {
    if (Character.isISOControl(c) && c != '\n' && c != '\t') {
      String written = String.format(Locale.ROOT, "\\u%04x", c);
      out.append(written);
      return written.length();
    }
    out.appendCodePoint(c);
    return bytes(c);
  }

  private static int bytes(int c) {
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }

  /** At least so many bytes follow; looks no further than the room of the mark. */
  private static int bytesOfRest(String text, int from) {
    int bytes = 0;
    for (int i = from; i < text.length() && bytes <= ROOM_FOR_MARK; ) {
      int c = text.codePointAt(i);
      bytes += Character.isISOControl(c) ? 6 : bytes(c);
      i += Character.charCount(c);
    }
    return bytes;
  }
}
