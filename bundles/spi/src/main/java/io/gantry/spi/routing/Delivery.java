package io.gantry.spi.routing;

/** What became of a message that was handed to an {@link Endpoint}. */
public sealed interface Delivery {

  /** Done: the message may be forgotten. */
  record Accepted() implements Delivery {
    /** The only one needed. */
    public static final Accepted INSTANCE = new Accepted();
  }

  /**
   * Not now: the message stays first in line and is tried again after a growing pause. A module
   * that has said so many times makes a dead letter of it.
   *
   * @param reason for operators; no payload
   */
  record Retry(String reason) implements Delivery {}

  /**
   * Not now, because of a message before it, which was refused: as {@link Retry}, but it says
   * nothing against this message.
   *
   * @param reason for operators; no payload
   */
  record Deferred(String reason) implements Delivery {}

  /**
   * Never: the message is a dead letter.
   *
   * @param reason for operators; no payload
   */
  record Rejected(String reason) implements Delivery {}

  /** Nobody is there: the message waits, without a pause of its own, until somebody comes. */
  record Absent() implements Delivery {
    /** The only one needed. */
    public static final Absent INSTANCE = new Absent();
  }
}
