package io.gantry.hub.auth;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Credentials;
import java.util.concurrent.CompletionStage;

/** Somebody who knows whether credentials are those of an identity: this gateway, or a parent. */
interface Verifier {

  /** As {@code Authenticator.authenticate}; never fails. */
  CompletionStage<Authentication> verify(Identity claimed, Credentials credentials);
}
