package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.TopicRights;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Scheduler;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Credentials;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** Decides who is let in, with what rights and until when. Any thread. */
final class Entrance {

  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final Authenticator authenticator;
  private final TopicRights rights;
  private final boolean anonymous;
  private final Scheduler scheduler;
  private final InstantSource clock;

  /**
   * @param anonymous whether a client of this machine that shows nothing is taken for whoever it
   *     says: for development only
   */
  Entrance(
      Authenticator authenticator,
      TopicRights rights,
      boolean anonymous,
      Scheduler scheduler,
      InstantSource clock) {
    this.authenticator = authenticator;
    this.rights = rights;
    this.anonymous = anonymous;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /**
   * Examines a login.
   *
   * @param local whether it came in by the door for this machine only
   */
  CompletionStage<Admission> admit(
      Login login, List<X509Certificate> certificates, InetAddress from, boolean local) {
    Optional<Credentials> credentials = login.credentials(certificates);
    if (credentials.isEmpty() && anonymous && local) {
      return CompletableFuture.completedFuture(Admission.Welcome.ANONYMOUS);
    }
    if (credentials.isEmpty() || login.identity().isEmpty()) {
      return CompletableFuture.completedFuture(
          refused(
              credentials.isEmpty()
                  ? "expected a token as password, or a client certificate; found neither"
                  : "client id: expected device or device/module"));
    }
    Identity claimed = login.identity().get();
    return authenticator
        .authenticate(claimed, credentials.get(), from)
        .thenApply(outcome -> admission(claimed, outcome));
  }

  private Admission admission(Identity claimed, Authentication outcome) {
    if (outcome instanceof Authentication.Accepted accepted) {
      return new Admission.Welcome(true, rights.of(claimed), accepted.until());
    }
    Authentication.Refused refused = (Authentication.Refused) outcome;
    return refused.temporary()
        ? new Admission.Refusal(
            MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE, refused.text())
        : refused(refused.text());
  }

  private static Admission.Refusal refused(String text) {
    return new Admission.Refusal(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED, text);
  }

  /**
   * Runs a task when the moment has come, on the scheduler's thread. The clock may be set
   * meanwhile: it is looked at every hour.
   */
  Cancellable at(Instant moment, Runnable task) {
    if (moment.equals(Instant.MAX)) {
      return () -> {};
    }
    AtomicReference<Cancellable> next = new AtomicReference<>(() -> {});
    wait(moment, task, next);
    return () -> next.get().cancel();
  }

  private void wait(Instant moment, Runnable task, AtomicReference<Cancellable> next) {
    Duration left = Duration.between(clock.instant(), moment);
    if (left.isNegative() || left.isZero()) {
      task.run();
    } else {
      Duration pause = left.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : left;
      next.set(scheduler.schedule(pause, () -> wait(moment, task, next)));
    }
  }
}
