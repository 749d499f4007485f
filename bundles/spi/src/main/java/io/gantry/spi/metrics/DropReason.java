package io.gantry.spi.metrics;

/** Why a message was not passed on. The name in lower case is what operators see. */
public enum DropReason {
  /** No route matched; the sender got its acknowledgement all the same. */
  NO_ROUTE,
  /** The receiver said that it can never handle this message. */
  DEAD_LETTER,
  /** Older than its time to live. */
  TTL_EXPIRY,
  /** The store is full and its policy refuses new messages; the sender was told. */
  STORE_FULL,
  /** Larger than the limit; the sender was told or disconnected. */
  TOO_LARGE,
  /** A topic under a reserved prefix that has no meaning; the connection was closed. */
  UNKNOWN_TOPIC,
  /** Malformed, or sent in the name of another identity; the connection was closed. */
  REFUSED,
  /** Stored bytes that could not be read back. */
  CORRUPT,
  /** The bounded queue of a receiver that is away was full; its oldest message was forgotten. */
  QUEUE_FULL,
  /** Routes handed it from topic to topic too often; they lead round in a circle. */
  HOP_LIMIT;

  /** The name as operators see it, for example {@code no_route}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
