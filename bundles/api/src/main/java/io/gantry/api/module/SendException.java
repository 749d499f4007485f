package io.gantry.api.module;

/**
 * A message was not accepted: nothing of it was stored. The text says why (for example: larger than
 * 256 KiB, store full). Completes the stage of {@link ModuleClient#send}.
 */
public final class SendException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  /**
   * @param text what was attempted and why it was refused
   * @param retryable whether the same message may be accepted later
   */
  public SendException(String text, boolean retryable) {
    super(text);
    this.retryable = retryable;
  }

  /** Whether the same message may be accepted later (a full store), or never (too large). */
  public boolean retryable() {
    return retryable;
  }
}
