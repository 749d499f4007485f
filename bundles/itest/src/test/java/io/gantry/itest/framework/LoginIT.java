package io.gantry.itest.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.gantry.api.message.Message;
import io.gantry.itest.Await;
import io.gantry.spi.deployment.Deployments;
import io.gantry.spi.identity.AuthenticationMethod.SasKeys;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.IdentityRegistry;
import io.gantry.spi.identity.IdentityRegistry.Key;
import io.gantry.spi.identity.RegisteredIdentity;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.security.Authentication;
import io.gantry.spi.security.Authentication.Accepted;
import io.gantry.spi.security.Authentication.Refused;
import io.gantry.spi.security.Authenticator;
import io.gantry.spi.security.Certificates;
import io.gantry.spi.security.Credentials;
import io.gantry.spi.security.SasToken;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may come in, with the store, the vault and the certificates that ship. */
@ExtendWith(InFramework.class)
class LoginIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Identity OVEN = new DeviceIdentity("oven-with-keys");

  @Inject private IdentityRegistry identities;
  @Inject private Authenticator authenticator;
  @Inject private Certificates certificates;
  @Inject private ClientGateway hub;
  @Inject private InstantSource clock;
  @Inject private Deployments deployments;

  /** A deployment decides whether clients come in at all. */
  @BeforeEach
  void awaitDeployment() {
    Await.until(
        "sample deployment",
        LIMIT,
        () ->
            deployments.modules().stream()
                    .filter(module -> module.status().equals("running"))
                    .count()
                == 2);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private List<String> declared() {
    return identities.list().stream()
        .filter(RegisteredIdentity::declared)
        .map(row -> row.identity().id())
        .toList();
  }

  @Test
  void theAgentAndTheModulesOfTheDeploymentHaveIdentities() {
    List<String> expected = List.of("gateway/$edgeAgent", "gateway/filter", "gateway/sensor");
    Await.until(
        "identities of the agent and the sample's modules",
        LIMIT,
        () -> declared().equals(expected));
  }

  @Test
  void aDeviceComesInWithItsKeyUntilThatIsReplaced() throws Exception {
    RegisteredIdentity oven = get(identities.create(OVEN, Optional.empty()));
    try {
      String key = ((SasKeys) oven.method()).primary();
      assertInstanceOf(Accepted.class, authenticate(hub.hubName(), key));
      assertInstanceOf(Accepted.class, authenticate(certificates.hostName(), key));
      assertInstanceOf(Refused.class, authenticate("other.azure-devices.net", key));

      Session session = new Session();
      hub.connect(OVEN, session);
      get(identities.regenerateKey(OVEN, Key.PRIMARY));
      assertEquals(List.of(CloseReason.REVOKED), session.closed);
      assertInstanceOf(Refused.class, authenticate(hub.hubName(), key));
    } finally {
      get(identities.delete(OVEN));
    }
  }

  private Authentication authenticate(String host, String key) throws Exception {
    String token = SasToken.sign(host, OVEN, key, clock.instant().plus(Duration.ofHours(1)));
    return get(
        authenticator.authenticate(
            OVEN, new Credentials.Token(token), InetAddress.getLoopbackAddress()));
  }

  private static final class Session implements ClientSession {

    private final List<CloseReason> closed = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Delivery> deliver(String input, Message message) {
      return CompletableFuture.completedFuture(Delivery.Absent.INSTANCE);
    }

    @Override
    public void close(CloseReason reason) {
      closed.add(reason);
    }
  }
}
