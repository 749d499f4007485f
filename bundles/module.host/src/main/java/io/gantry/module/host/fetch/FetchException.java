package io.gantry.module.host.fetch;

import io.gantry.module.host.index.Line;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something could not be fetched; the text is the rest of a sentence about it, without secrets. */
public final class FetchException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean temporary;
  private final int status;

  private FetchException(String text, @Nullable Throwable cause, boolean temporary, int status) {
    super(Line.of(text), cause);
    this.temporary = temporary;
    this.status = status;
  }

  /** The same will fail again until somebody changes something. */
  public static FetchException lasting(String text) {
    return new FetchException(text, null, false, 0);
  }

  /** The same may go well later by itself. */
  public static FetchException temporary(String text, @Nullable Throwable cause) {
    return new FetchException(text, cause, true, 0);
  }

  /** As {@link #lasting} or {@link #temporary}. */
  static FetchException of(String text, Throwable cause, boolean temporary) {
    return new FetchException(text, cause, temporary, 0);
  }

  /** The server answered with a status that is no success. */
  static FetchException status(int status, String text, boolean temporary) {
    return new FetchException(text, null, temporary, status);
  }

  /** Whether the same may go well later though nobody changes anything. */
  public boolean temporary() {
    return temporary;
  }

  /** Whether the server says that there is no such thing. */
  public boolean notFound() {
    return status == 404 || status == 410;
  }
}
