package io.gantry.hub.auth;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Credentials;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The door to whoever knows, with somebody in front who slows down those that guess. */
public final class GuardedAuthenticator implements Authenticator {

  private final Verifier verifier;
  private final Throttle throttle;

  public GuardedAuthenticator(LocalVerifier verifier, InstantSource clock) {
    this.verifier = verifier;
    this.throttle = new Throttle(clock);
  }

  @Override
  public CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from) {
    if (!throttle.lets(claimed, from)) {
      return CompletableFuture.completedFuture(
          new Authentication.Refused(true, "too many failed attempts; not looked at"));
    }
    return verifier
        .verify(claimed, credentials)
        .thenApply(
            outcome -> {
              if (outcome instanceof Authentication.Accepted) {
                throttle.succeeded(claimed, from);
              } else if (!((Authentication.Refused) outcome).temporary()) {
                throttle.failed(claimed, from);
              }
              return outcome;
            });
  }
}
