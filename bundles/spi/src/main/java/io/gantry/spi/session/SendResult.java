package io.gantry.spi.session;

/** What became of a message that a client sent. */
public sealed interface SendResult {

  /** Stored durably for every endpoint that the routes name, if any. */
  record Accepted() implements SendResult {
    /** The only one needed. */
    public static final Accepted INSTANCE = new Accepted();
  }

  /** Why a message was refused. */
  enum Reason {
    /** Over {@link ClientGateway#MAX_MESSAGE_SIZE}. */
    TOO_LARGE,
    /** The store is full; may be accepted later. */
    STORE_FULL,
    /** The store cannot write; may be accepted later. */
    STORE_BROKEN,
    /** The connection was closed or replaced. */
    CLOSED,
    /** Not allowed for this identity, or malformed. */
    INVALID
  }

  /** Refused: nothing was stored. */
  record Rejected(Reason reason, String text) implements SendResult {}
}
