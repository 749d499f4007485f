package io.gantry.module.host.index;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What was read is not what it should be; reading it again gives nothing better. The text may quote
 * what came from outside: it is one line, and no long one.
 */
public final class ContentException extends IOException {

  private static final long serialVersionUID = 1L;
  private static final int MAX_LENGTH = 300;

  ContentException(String text, @Nullable Throwable cause) {
    super(line(text), cause);
  }

  private static String line(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }
}
