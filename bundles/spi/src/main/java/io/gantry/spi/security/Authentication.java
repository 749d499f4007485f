package io.gantry.spi.security;

import java.time.Instant;

/** What came of an attempt to prove who one is. */
public sealed interface Authentication {

  /**
   * It is who it claims to be.
   *
   * @param until when it has to prove it again; {@link Instant#MAX} for never
   */
  record Accepted(Instant until) implements Authentication {}

  /**
   * It is not, or may not come in.
   *
   * @param temporary whether the same credentials may do later
   * @param text for the log of the gateway, never for the client; no secret
   */
  record Refused(boolean temporary, String text) implements Authentication {}
}
