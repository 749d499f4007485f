package io.gantry.hub.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.Credentials;
import io.gantry.testkit.time.ManualTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class GuardedAuthenticatorTest {

  private static final Identity THERMO = new DeviceIdentity("thermo1");
  private static final Credentials GOOD = new Credentials.Token("good");
  private static final Credentials BAD = new Credentials.Token("bad");
  private static final Credentials LATER = new Credentials.Token("later");
  private static final Credentials BROKEN = new Credentials.Token("broken");
  private static final Credentials BUGGY = new Credentials.Token("buggy");
  private static final InetAddress HOME = address("192.0.2.1");
  private static final InetAddress AWAY = address("198.51.100.7");

  private final ManualTime time = new ManualTime();
  private final CompletableFuture<Authentication> parent = new CompletableFuture<>();
  private final GuardedAuthenticator door = new GuardedAuthenticator(this::examine, time);
  private int examined;

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private CompletionStage<Authentication> examine(Identity claimed, Credentials credentials) {
    examined++;
    String word = ((Credentials.Token) credentials).text();
    return switch (word) {
      case "good" -> CompletableFuture.completedFuture(new Accepted(Instant.MAX));
      case "bad" -> CompletableFuture.completedFuture(new Refused(false, "bad"));
      case "later" -> parent;
      case "broken" -> CompletableFuture.failedFuture(new IllegalStateException("broken"));
      default -> throw new IllegalStateException("buggy");
    };
  }

  private Authentication attempt(Identity identity, Credentials credentials, InetAddress from) {
    return door.authenticate(identity, credentials, from).toCompletableFuture().getNow(null);
  }

  /** Whether it was looked at. */
  private boolean isSeen(Identity identity, Credentials credentials, InetAddress from) {
    int before = examined;
    Authentication answer = attempt(identity, credentials, from);
    if (examined == before) {
      Refused refused = assertInstanceOf(Refused.class, answer);
      assertTrue(refused.temporary(), "later it may do");
      assertTrue(refused.text().contains("too often from"), refused.text());
    }
    return examined > before;
  }

  private void fail(int times, Identity identity, InetAddress from) {
    for (int i = 0; i < times; i++) {
      assertTrue(isSeen(identity, BAD, from), "attempt " + i);
    }
  }

  /** How long it takes until an attempt is looked at, which then fails. */
  private long secondsUntilSeen() {
    long seconds = 0;
    while (!isSeen(THERMO, BAD, HOME)) {
      time.advance(Duration.ofSeconds(1));
      seconds++;
    }
    return seconds;
  }

  private static Identity device(int number) {
    return new DeviceIdentity("d" + number);
  }

  @Test
  void afterFiveFailuresThePausesGrowToAMinuteAndNoFurther() {
    fail(5, THERMO, HOME);
    assertFalse(isSeen(THERMO, GOOD, HOME));
    for (long expected : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
      assertEquals(expected, secondsUntilSeen());
    }
  }

  @Test
  void whatWasNotLookedAtDoesNotCount() {
    fail(5, THERMO, HOME);
    for (int i = 0; i < 1000; i++) {
      assertFalse(isSeen(THERMO, BAD, HOME));
    }
    time.advance(Duration.ofSeconds(1));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
  }

  @Test
  void aLoginThatSucceedsForgivesWhatWasBefore() {
    fail(4, THERMO, HOME);
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
    fail(5, THERMO, HOME);
    time.advance(Duration.ofSeconds(1));
    attempt(THERMO, GOOD, HOME);
    fail(5, THERMO, HOME);
    assertEquals(1, secondsUntilSeen(), "the pauses begin anew");
  }

  @Test
  void timeForgivesToo() {
    fail(4, THERMO, HOME);
    time.advance(Duration.ofMinutes(4));
    fail(4, THERMO, HOME);
    time.advance(Duration.ofMinutes(1));
    fail(1, THERMO, HOME);
    assertTrue(isSeen(THERMO, BAD, HOME));
    assertFalse(isSeen(THERMO, BAD, HOME));
  }

  @Test
  void afterAQuietTimeThePausesBeginAnew() {
    fail(5, THERMO, HOME);
    assertEquals(1, secondsUntilSeen());
    assertEquals(2, secondsUntilSeen());
    time.advance(Duration.ofMinutes(5));
    fail(5, THERMO, HOME);
    assertEquals(1, secondsUntilSeen());
  }

  @Test
  void nobodyLocksADeviceOutFromElsewhere() {
    fail(5, THERMO, AWAY);
    assertFalse(isSeen(THERMO, GOOD, AWAY));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
    assertFalse(isSeen(THERMO, GOOD, AWAY), "nor does that help the other one");
  }

  @Test
  void anAddressThatFailsUnderManyNamesIsSlowedDownUnderAll() {
    for (int i = 0; i < 100; i++) {
      fail(1, device(i), AWAY);
    }
    assertFalse(isSeen(THERMO, GOOD, AWAY));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
    time.advance(Duration.ofSeconds(1));
    fail(1, device(100), AWAY);
    time.advance(Duration.ofSeconds(1));
    assertFalse(isSeen(device(101), BAD, AWAY), "the pause has grown");
    time.advance(Duration.ofSeconds(1));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, AWAY));
  }

  /** Many may share an address: behind a router, or on the gateway itself. */
  @Test
  void whoHasComeInFromAnAddressIsNotSlowedDownByOthersThere() {
    attempt(THERMO, GOOD, AWAY);
    for (int i = 0; i < 100; i++) {
      fail(1, device(i), AWAY);
    }
    assertFalse(isSeen(device(0), GOOD, AWAY));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, AWAY));
    fail(5, THERMO, AWAY);
    assertFalse(isSeen(THERMO, GOOD, AWAY), "it is when it fails itself");
  }

  /** A hundred devices behind a router whose keys are wrong try again each minute. */
  @Test
  void fewFailuresFromAnAddressForLongAreNoReason() {
    for (int minute = 0; minute < 300; minute++) {
      for (int i = 0; i < 50; i++) {
        attempt(device(i), BAD, AWAY);
      }
      assertInstanceOf(Accepted.class, attempt(device(1000 + minute), GOOD, AWAY));
      time.advance(Duration.ofMinutes(1));
    }
  }

  /** When the hub is started again, all come at once. */
  @Test
  void loginsThatSucceedAreNeverTooMany() {
    for (int i = 0; i < 2000; i++) {
      assertInstanceOf(Accepted.class, attempt(device(i % 500), GOOD, HOME));
    }
  }

  @Test
  void aHostWithANetworkOfAddressesIsOneHost() {
    for (int i = 0; i < 100; i++) {
      fail(1, device(i), address("2001:db8:1:2::" + Integer.toHexString(i)));
    }
    assertFalse(isSeen(THERMO, GOOD, address("2001:db8:1:2:ffff::1")));
    assertTrue(isSeen(THERMO, GOOD, address("2001:db8:1:3::1")));
  }

  @Test
  void aClockThatWasSetBackLocksNobodyOut() {
    fail(5, THERMO, HOME);
    time.set(time.instant().minus(Duration.ofDays(365)));
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
    fail(1, THERMO, HOME);
    time.set(time.instant().minus(Duration.ofDays(365)));
    fail(3, THERMO, HOME);
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
  }

  @Test
  void whatIsRememberedIsBounded() {
    Throttle throttle = new Throttle(time);
    for (int i = 0; i < 3 * Throttle.MOST; i++) {
      InetAddress from = address("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
      throttle.failed(device(i), Origin.of(from));
      throttle.succeeded(device(-i), Origin.of(from));
      time.advance(Duration.ofMillis(1));
      assertTrue(throttle.size() <= Throttle.MOST);
    }
  }

  @Test
  void theOldestAreForgottenFirst() {
    fail(5, THERMO, HOME);
    for (int i = 0; i < Throttle.MOST - 1; i++) {
      time.advance(Duration.ofNanos(1));
      attempt(device(i), BAD, address("10.0." + (i >> 8) + "." + (i & 255)));
    }
    fail(
        4,
        device(Throttle.MOST - 2),
        address("10.0." + (Throttle.MOST - 2 >> 8) + "." + (Throttle.MOST - 2 & 255)));
    assertFalse(isSeen(THERMO, BAD, HOME));
    attempt(device(-1), BAD, AWAY);
    assertTrue(isSeen(THERMO, BAD, HOME), "forgotten");
    assertFalse(
        isSeen(
            device(Throttle.MOST - 2),
            BAD,
            address("10.0." + (Throttle.MOST - 2 >> 8) + "." + (Throttle.MOST - 2 & 255))));
  }

  // ---- a parent that is asked

  @Test
  void anAnswerThatTakesTimeCountsWhenItComes() {
    CompletionStage<Authentication> first = door.authenticate(THERMO, LATER, HOME);
    assertFalse(first.toCompletableFuture().isDone());
    for (int i = 0; i < 4; i++) {
      door.authenticate(THERMO, LATER, HOME);
    }
    parent.complete(new Refused(false, "the parent does not know it"));
    assertEquals(
        new Refused(false, "the parent does not know it"),
        first.toCompletableFuture().getNow(null));
    assertFalse(isSeen(THERMO, GOOD, HOME));
  }

  @Test
  void aParentThatCannotSayLocksNobodyOut() {
    parent.complete(new Refused(true, "the parent cannot be reached"));
    for (int i = 0; i < 200; i++) {
      attempt(THERMO, LATER, HOME);
    }
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
  }

  @Test
  void whoeverExaminesAndFailsRefusesForNowAndTheStageNeverFails() {
    for (int i = 0; i < 60; i++) {
      assertTrue(assertInstanceOf(Refused.class, attempt(THERMO, BROKEN, HOME)).temporary());
      assertTrue(assertInstanceOf(Refused.class, attempt(THERMO, BUGGY, HOME)).temporary());
    }
    assertInstanceOf(Accepted.class, attempt(THERMO, GOOD, HOME));
  }
}
