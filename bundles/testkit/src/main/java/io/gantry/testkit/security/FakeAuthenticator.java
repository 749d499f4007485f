package io.gantry.testkit.security;

import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Credentials;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes the word {@link #PASSWORD} for a token of everybody, and no other word. Safe for use by any
 * number of threads.
 */
public final class FakeAuthenticator implements Authenticator {

  /** What lets everybody in. */
  public static final String PASSWORD = "let me in";

  /** One attempt. */
  public record Attempt(Identity claimed, Credentials credentials, InetAddress from) {}

  private final List<Attempt> attempts = new ArrayList<>();
  private final Map<Identity, Instant> until = new HashMap<>();
  private final List<CompletableFuture<Authentication>> held = new ArrayList<>();
  private boolean trustsCertificates = true;
  private boolean holding;

  /** From now on what this identity shows is good until then. */
  public synchronized void until(Identity identity, Instant moment) {
    until.put(identity, moment);
  }

  /** Whether certificates let in. */
  public synchronized void trustCertificates(boolean trust) {
    trustsCertificates = trust;
  }

  /** From now on attempts wait for the test, as for a parent that is asked. */
  public synchronized void hold() {
    holding = true;
  }

  /** Lets in whoever waits. */
  public void release() {
    List<CompletableFuture<Authentication>> all;
    synchronized (this) {
      holding = false;
      all = List.copyOf(held);
      held.clear();
    }
    all.forEach(waiting -> waiting.complete(new Authentication.Accepted(Instant.MAX)));
  }

  /** All attempts so far. */
  public synchronized List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  @Override
  public synchronized CompletionStage<Authentication> authenticate(
      Identity claimed, Credentials credentials, InetAddress from) {
    attempts.add(new Attempt(claimed, credentials, from));
    boolean good =
        credentials instanceof Credentials.Token token
            ? token.text().equals(PASSWORD)
            : trustsCertificates;
    CompletableFuture<Authentication> answer = new CompletableFuture<>();
    if (!good) {
      answer.complete(new Authentication.Refused(false, "refused by the test"));
    } else if (holding) {
      held.add(answer);
    } else {
      answer.complete(new Authentication.Accepted(until.getOrDefault(claimed, Instant.MAX)));
    }
    return answer;
  }
}
