package io.gantry.spi.store;

import java.io.IOException;

/** The store could not do what it was asked; nothing of it was done. */
public final class StoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What kind of obstacle, for those who must react differently. */
  public enum Kind {
    /** The disk or the store's own limit is reached; may work again when space is freed. */
    FULL,
    /** The disk refused; the store accepts nothing until it has recovered. */
    BROKEN,
    /** The store is being closed. */
    CLOSED
  }

  private final Kind kind;

  /** With what was attempted, on what, expected against found. */
  public StoreException(Kind kind, String text) {
    super(text);
    this.kind = kind;
  }

  /** As above, with what caused it. */
  public StoreException(Kind kind, String text, Throwable cause) {
    super(text, cause);
    this.kind = kind;
  }

  /** The kind of obstacle. */
  public Kind kind() {
    return kind;
  }
}
