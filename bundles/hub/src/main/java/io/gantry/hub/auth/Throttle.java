package io.gantry.hub.auth;

import io.gantry.spi.identity.Identity;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down whoever fails to prove who it is: an identity from one address, so that nobody can
 * lock out a device from elsewhere, and an address with all the names it tries. A client that has
 * come in from an address before does not suffer from what others do there. Bounded. Any thread.
 */
final class Throttle {

  private static final int MOST = 10_000;
  private static final int FREE_PER_PAIR = 5;
  private static final int FREE_PER_ADDRESS = 50;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Duration FORGOTTEN = Duration.ofMinutes(10);

  private record Pair(Identity identity, InetAddress address) {}

  private record Failures(int count, Instant last, Instant until) {

    static final Failures NONE = new Failures(0, Instant.EPOCH, Instant.EPOCH);

    Failures another(Instant now, int free) {
      int next = now.isAfter(last.plus(FORGOTTEN)) ? 1 : count + 1;
      int over = Math.min(next - free, 16);
      Duration pause = over <= 0 ? Duration.ZERO : FIRST.multipliedBy(1L << over - 1);
      Duration bounded = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
      return new Failures(next, now, now.plus(bounded));
    }
  }

  private static final class Recent<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > MOST;
    }
  }

  private final InstantSource clock;
  private final Map<Pair, Failures> pairs = new Recent<>();
  private final Map<InetAddress, Failures> addresses = new Recent<>();
  private final Map<Pair, Boolean> good = new Recent<>();

  Throttle(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether an attempt is looked at. */
  synchronized boolean lets(Identity identity, InetAddress address) {
    Pair pair = new Pair(identity, address);
    Instant now = clock.instant();
    boolean pairWaits = pairs.getOrDefault(pair, Failures.NONE).until().isAfter(now);
    boolean addressWaits =
        !good.containsKey(pair)
            && addresses.getOrDefault(address, Failures.NONE).until().isAfter(now);
    return !pairWaits && !addressWaits;
  }

  /** An attempt was good. */
  synchronized void succeeded(Identity identity, InetAddress address) {
    Pair pair = new Pair(identity, address);
    pairs.remove(pair);
    good.put(pair, true);
  }

  /** An attempt was not. */
  synchronized void failed(Identity identity, InetAddress address) {
    Pair pair = new Pair(identity, address);
    Instant now = clock.instant();
    pairs.put(pair, pairs.getOrDefault(pair, Failures.NONE).another(now, FREE_PER_PAIR));
    addresses.put(
        address, addresses.getOrDefault(address, Failures.NONE).another(now, FREE_PER_ADDRESS));
  }
}
