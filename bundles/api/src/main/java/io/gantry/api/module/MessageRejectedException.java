package io.gantry.api.module;

/** Thrown by a handler for a message that it can never handle: the message is not tried again. */
public final class MessageRejectedException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason why, for the dead-letter log; contains no secret and no payload
   */
  public MessageRejectedException(String reason) {
    super(reason);
  }

  /** As above, with what caused it. */
  public MessageRejectedException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
