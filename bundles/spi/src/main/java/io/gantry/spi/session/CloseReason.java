package io.gantry.spi.session;

/** Why the hub ends a connection. */
public enum CloseReason {
  /** The same identity connected again. */
  REPLACED,
  /** The identity was disabled or deleted, or has new keys. */
  REVOKED,
  /** The runtime stops. */
  SHUTDOWN
}
