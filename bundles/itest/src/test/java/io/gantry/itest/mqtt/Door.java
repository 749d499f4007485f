package io.gantry.itest.mqtt;

/** Where a client comes in. */
enum Door {
  /** For clients of this machine. */
  PLAIN,
  /** For everybody; the client trusts the authority that the gateway has exported, only. */
  TLS
}
