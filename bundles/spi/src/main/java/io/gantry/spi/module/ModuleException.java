package io.gantry.spi.module;

/**
 * A step on a module failed. The text is a sentence for a person: what was attempted, on what,
 * expected against found, and what would help.
 */
public final class ModuleException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean temporary;
  private final boolean outdated;

  /** With a sentence for a person; the same will fail again until somebody changes something. */
  public ModuleException(String text) {
    this(text, null, false);
  }

  /** As above, with what caused it. */
  public ModuleException(String text, Throwable cause) {
    this(text, cause, false);
  }

  /**
   * With a sentence for a person and what caused it.
   *
   * @param temporary as {@link #temporary}
   */
  public ModuleException(String text, Throwable cause, boolean temporary) {
    this(text, cause, temporary, false);
  }

  private ModuleException(String text, Throwable cause, boolean temporary, boolean outdated) {
    super(text, cause);
    this.temporary = temporary;
    this.outdated = outdated;
  }

  /** What was prepared cannot be put in place: see {@link #outdated()}. */
  public static ModuleException outdated(String text) {
    return new ModuleException(text, null, false, true);
  }

  /** The same failure in other words. */
  public ModuleException saying(String text) {
    return new ModuleException(text, this, temporary, outdated);
  }

  /**
   * Whether the same may go well later though nobody changes anything: a repository could not be
   * reached, a download broke off.
   */
  public boolean temporary() {
    return temporary;
  }

  /**
   * Whether the module must be prepared again: what it was prepared for has changed since, so that
   * other bundles are needed.
   */
  public boolean outdated() {
    return outdated;
  }
}
