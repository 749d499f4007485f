package io.gantry.routing.pump;

import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.RoutedMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One message of the window. Owned by the pump. */
final class InFlight {

  enum Status {
    /** To be handed over. */
    WAITING,
    /** Handed over, not answered. */
    SENT,
    /** Accepted, or never to be delivered. */
    DONE
  }

  private final long offset;
  private final int bytes;
  private final @Nullable RoutedMessage message;
  private final long expiresAt;
  private Status status = Status.WAITING;
  private int tries;
  private int refusals;
  private boolean dead;
  private Instant sentAt = Instant.EPOCH;
  private @Nullable Endpoint receiver;

  InFlight(long offset, int bytes, @Nullable RoutedMessage message, long expiresAt) {
    this.offset = offset;
    this.bytes = bytes;
    this.message = message;
    this.expiresAt = expiresAt;
  }

  long offset() {
    return offset;
  }

  /** What it takes while it waits. */
  int bytes() {
    return bytes;
  }

  /** Null when its record cannot be read. */
  @Nullable RoutedMessage message() {
    return message;
  }

  /** Whether it is worth nothing any more at a moment in seconds since 1970. */
  boolean isExpired(long now) {
    return expiresAt <= now;
  }

  Status status() {
    return status;
  }

  /** Number of the present try; an answer to an older one is late. */
  int tries() {
    return tries;
  }

  Instant sentAt() {
    return sentAt;
  }

  /** Whoever has it; null before the first try. */
  @Nullable Endpoint receiver() {
    return receiver;
  }

  void sent(Endpoint to, Instant now) {
    status = Status.SENT;
    receiver = to;
    sentAt = now;
    tries++;
  }

  void done() {
    status = Status.DONE;
  }

  void again() {
    status = Status.WAITING;
  }

  /** Its receiver has said once more that it cannot take it now; how often that was. */
  int refused() {
    return ++refusals;
  }

  int refusals() {
    return refusals;
  }

  /** It goes to the dead letters instead of its receiver. */
  void die() {
    dead = true;
  }

  /** The dead letters cannot be kept: the receiver gets another chance. */
  void live() {
    dead = false;
  }

  boolean isDead() {
    return dead;
  }
}
