package io.gantry.spi.module;

/**
 * A step on a module failed. The text is a sentence for a person: what was attempted, on what,
 * expected against found, and what would help.
 */
public final class ModuleException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean temporary;

  /** With a sentence for a person; the same will fail again until somebody changes something. */
  public ModuleException(String text) {
    super(text);
    temporary = false;
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
    super(text, cause);
    this.temporary = temporary;
  }

  /**
   * Whether the same may go well later though nobody changes anything: a repository could not be
   * reached, a download broke off.
   */
  public boolean temporary() {
    return temporary;
  }
}
