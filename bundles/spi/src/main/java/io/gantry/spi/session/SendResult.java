package io.gantry.spi.session;

import io.gantry.spi.execution.Stages;
import io.gantry.spi.store.StoreException;

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
  record Rejected(Reason reason, String text) implements SendResult {

    /** Because the stage that should have stored it has failed. */
    public static Rejected notStored(Throwable failure) {
      Throwable cause = Stages.cause(failure);
      if (!(cause instanceof StoreException store)) {
        return new Rejected(Reason.STORE_BROKEN, "Storing a message failed: " + cause);
      }
      Reason reason =
          switch (store.kind()) {
            case FULL -> Reason.STORE_FULL;
            case BROKEN -> Reason.STORE_BROKEN;
            case CLOSED -> Reason.CLOSED;
          };
      return new Rejected(reason, String.valueOf(store.getMessage()));
    }
  }
}
