package io.gantry.hub.auth;

import io.gantry.hub.identity.Secrets;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.SasToken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * When a token is good (IoT Hub, "Control access with shared access signatures"). A client's clock
 * may be five minutes off: so long a token is taken, and a connection lives, after its expiry, as
 * with IoT Edge.
 *
 * <p>Both signatures are always computed, for an identity that nobody knows with keys that nobody
 * has: how long it takes says nothing.
 */
final class TokenRule {

  static final Duration SKEW = Duration.ofMinutes(5);

  private final Predicate<String> hosts;
  private final InstantSource clock;
  private final SasKeys nobodys = new Secrets().keys();

  /**
   * @param hosts whether a token for this host is for us
   */
  TokenRule(Predicate<String> hosts, InstantSource clock) {
    this.hosts = hosts;
    this.clock = clock;
  }

  /**
   * Examines a token.
   *
   * @param known the keys of the claimed identity; empty when it has none
   */
  Authentication examine(Identity claimed, Optional<SasKeys> known, String text) {
    SasToken token;
    try {
      token = SasToken.parse(text);
    } catch (IllegalArgumentException malformed) {
      return refused(malformed.getMessage());
    }
    SasKeys keys = known.orElse(nobodys);
    boolean byPrimary = token.isSignedBy(keys.primary());
    boolean bySecondary = token.isSignedBy(keys.secondary());
    if (known.isEmpty()) {
      return refused("there is no such identity that proves itself with tokens");
    }
    return examine(claimed, token, byPrimary | bySecondary);
  }

  private Authentication examine(Identity claimed, SasToken token, boolean signed) {
    if (!isSame(claimed, token.identity())) {
      return refused("token: it is one of " + token.identity());
    }
    if (!hosts.test(token.host())) {
      return refused("token: it is for another host than this hub and this gateway");
    }
    if (!signed) {
      return refused("token: it is signed with neither of the keys");
    }
    Instant until = until(token.expiresAt());
    return clock.instant().isAfter(until)
        ? refused("token: it has expired at " + token.expiresAt())
        : new Accepted(until);
  }

  /** Tokens are often made from names that were written in another case. */
  private static boolean isSame(Identity claimed, Identity named) {
    if (!claimed.deviceId().equalsIgnoreCase(named.deviceId())) {
      return false;
    }
    return claimed instanceof ModuleIdentity module
        ? named instanceof ModuleIdentity other
            && module.moduleId().equalsIgnoreCase(other.moduleId())
        : !(named instanceof ModuleIdentity);
  }

  private static Instant until(Instant expiry) {
    return expiry.isAfter(Instant.MAX.minus(SKEW)) ? Instant.MAX : expiry.plus(SKEW);
  }

  private static Refused refused(String text) {
    return new Refused(false, text);
  }
}
