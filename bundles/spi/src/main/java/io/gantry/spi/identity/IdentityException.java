package io.gantry.spi.identity;

/** The registry could not do what it was asked; nothing has changed. The text is for a person. */
public final class IdentityException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What kind of obstacle. */
  public enum Kind {
    /** There is no such identity (or no device for a module). */
    NOT_FOUND,
    /** There is one already. */
    EXISTS,
    /** What was asked makes no sense for this identity, or is malformed. */
    INVALID,
    /** The registry holds as many as it may. */
    FULL
  }

  private final Kind kind;

  /** With what was attempted, on what, expected against found; no secret. */
  public IdentityException(Kind kind, String text) {
    super(text);
    this.kind = kind;
  }

  /** The kind of obstacle. */
  public Kind kind() {
    return kind;
  }
}
