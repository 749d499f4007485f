package io.gantry.hub.auth;

import io.gantry.hub.auth.Patience.Limit;
import io.gantry.spi.identity.Identity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * Slows down who fails: an identity from an address, so that nobody can lock it out from elsewhere;
 * and an address over all identities, but not those that have come in from there before, because
 * many may share it. Only failures count: all may come again at once after a restart. Safe for use
 * by any number of threads.
 */
final class Throttle {

  static final Limit PAIR = new Limit(5, Duration.ofMinutes(1));
  static final Limit ADDRESS = new Limit(100, Duration.ofSeconds(1));

  /** So many pairs, addresses and guests are remembered. */
  static final int MOST = 5_000;

  private record Pair(Identity identity, Origin origin) {}

  private final InstantSource clock;
  private final Recent<Pair, Patience> pairs = new Recent<>(MOST, Patience::last);
  private final Recent<Origin, Patience> origins = new Recent<>(MOST, Patience::last);
  private final Recent<Pair, Instant> guests = new Recent<>(MOST, Function.identity());

  Throttle(InstantSource clock) {
    this.clock = clock;
  }

  /** Why an attempt is not looked at; empty when it is. */
  Optional<String> obstacle(Identity identity, Origin origin) {
    Pair pair = new Pair(identity, origin);
    Instant now = clock.instant();
    Optional<String> ofPair =
        pairs
            .get(pair)
            .filter(patience -> patience.isOver(now))
            .map(patience -> text("it failed to log in", origin, patience));
    if (ofPair.isPresent() || guests.get(pair).isPresent()) {
      return ofPair;
    }
    return origins
        .get(origin)
        .filter(patience -> patience.isOver(now))
        .map(patience -> text("logins failed", origin, patience));
  }

  private static String text(String what, Origin origin, Patience patience) {
    return what
        + " too often from "
        + origin
        + "; not looked at, nor is what comes before "
        + patience.until();
  }

  /** A proof failed. */
  void failed(Identity identity, Origin origin) {
    Instant now = clock.instant();
    Patience unbroken = Patience.unbroken(now);
    pairs.change(new Pair(identity, origin), unbroken, patience -> patience.after(PAIR, now));
    origins.change(origin, unbroken, patience -> patience.after(ADDRESS, now));
  }

  /** A proof was good. */
  void succeeded(Identity identity, Origin origin) {
    Pair pair = new Pair(identity, origin);
    Instant now = clock.instant();
    pairs.remove(pair);
    guests.change(pair, now, former -> now);
  }

  /** How many it remembers, for tests. */
  int size() {
    return Math.max(pairs.size(), Math.max(origins.size(), guests.size()));
  }
}
