package io.gantry.spi.module;

/**
 * A step on a module failed. The text is a sentence for a person: what was attempted, on what,
 * expected against found, and what would help.
 */
public final class ModuleException extends Exception {

  private static final long serialVersionUID = 1L;

  /** With a sentence for a person. */
  public ModuleException(String text) {
    super(text);
  }

  /** As above, with what caused it. */
  public ModuleException(String text, Throwable cause) {
    super(text, cause);
  }
}
