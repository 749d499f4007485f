package io.gantry.hub.auth;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Credentials;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door before an examiner: whoever fails too often is not examined for a while. */
public final class GuardedAuthenticator implements Authenticator {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedAuthenticator.class);

  private final Examiner examiner;
  private final Throttle throttle;

  public GuardedAuthenticator(Examiner examiner, InstantSource clock) {
    this.examiner = examiner;
    throttle = new Throttle(clock);
  }

  @Override
  public CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from) {
    Origin origin = Origin.of(from);
    Optional<String> slowed = throttle.obstacle(claimed, origin);
    if (slowed.isPresent()) {
      return CompletableFuture.completedFuture(new Refused(true, slowed.get()));
    }
    return examine(claimed, credentials)
        .handle((answer, failure) -> answer(claimed, origin, answer, failure));
  }

  private CompletionStage<Authentication> examine(Identity claimed, Credentials credentials) {
    try {
      return examiner.examine(claimed, credentials);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Only a proof that failed counts: a parent that cannot be reached must lock out nobody. */
  private Authentication answer(
      Identity claimed,
      Origin origin,
      @Nullable Authentication answer,
      @Nullable Throwable failure) {
    if (answer == null) {
      LOG.error("HUB-06 the credentials of {} could not be examined", claimed, failure);
      return new Refused(true, "the credentials could not be examined: " + failure);
    }
    if (answer instanceof Accepted) {
      throttle.succeeded(claimed, origin);
    } else if (answer instanceof Refused refused && !refused.temporary()) {
      throttle.failed(claimed, origin);
    }
    return answer;
  }
}
