package io.gantry.spi.session;

/** Why the hub ends a connection. */
public enum CloseReason {
  /** The same identity connected again. */
  REPLACED,
  /** The runtime stops. */
  SHUTDOWN
}
