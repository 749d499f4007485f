package io.gantry.module.host.index;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What was read is not what it should be; reading it again gives nothing better. */
public final class ContentException extends IOException {

  private static final long serialVersionUID = 1L;

  ContentException(String text, @Nullable Throwable cause) {
    super(Line.of(text), cause);
  }
}
