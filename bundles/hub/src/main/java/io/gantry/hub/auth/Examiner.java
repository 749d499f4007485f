package io.gantry.hub.auth;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Credentials;
import java.util.concurrent.CompletionStage;

/**
 * Says whether credentials are good. The registry of this gateway is one; a parent that is asked,
 * with its answers kept for a while, is another, and may take its time.
 */
public interface Examiner {

  /**
   * Examines credentials.
   *
   * @return completes on any thread; fails when nobody can say now
   */
  CompletionStage<Authentication> examine(Identity claimed, Credentials credentials);
}
