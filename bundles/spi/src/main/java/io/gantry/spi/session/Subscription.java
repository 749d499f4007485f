package io.gantry.spi.session;

/** What a client may want to be told. */
public enum Subscription {
  /** The messages of its inputs (modules only). */
  INPUTS,
  /** Cloud-to-device messages (devices only). */
  CLOUD_MESSAGES,
  /** Calls of its direct methods. */
  METHODS,
  /** Changes of its desired properties. */
  DESIRED_PROPERTIES
}
