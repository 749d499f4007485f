package io.gantry.itest.azure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.transport.IotHubConnectionStatus;
import com.microsoft.azure.sdk.iot.device.transport.NoRetry;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.security.SasToken;
import io.gantry.testkit.security.FakeCertificates;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedGateway.class)
class AzureLoginIT {

  /** For so long the gateway takes a token after its end: clocks differ. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final Gateway gateway;

  AzureLoginIT(Gateway gateway) {
    this.gateway = gateway;
  }

  private static void assertRefused(Sdk<DeviceClient> client) {
    try (client) {
      IotHubClientException refused = assertThrows(IotHubClientException.class, client::open);
      assertEquals(IotHubStatusCode.UNAUTHORIZED, refused.getStatusCode(), refused::toString);
    }
  }

  private static void assertSends(Sdk<DeviceClient> client) throws Exception {
    client.client().sendEvent(new Message("{}"));
  }

  @BothTransports
  void aWrongKeyAnUnknownDeviceAndADisabledOneAreRefused(IotHubClientProtocol protocol)
      throws Exception {
    String good = gateway.create(gateway.newId("good"));
    String id = gateway.newId("press");
    String own = gateway.create(id);
    assertRefused(gateway.device(own.replace(key(own), key(good)), protocol));
    assertRefused(gateway.device(own.replace("=" + id, "=" + gateway.newId("no")), protocol));
    gateway.run("identity", "disable", id);
    assertRefused(gateway.device(own, protocol));
    gateway.run("identity", "enable", id);
    try (Sdk<DeviceClient> press = gateway.device(own, protocol).open()) {
      assertSends(press);
    }
  }

  private static String key(String connection) {
    String after = connection.split("SharedAccessKey=", 2)[1];
    return after.substring(0, after.indexOf(';'));
  }

  @BothTransports
  void whoIsDisabledIsDisconnectedAndStaysOutUntilEnabled(IotHubClientProtocol protocol)
      throws Exception {
    String id = gateway.newId("press");
    try (Sdk<DeviceClient> press = gateway.device(gateway.create(id), protocol)) {
      press.client().setRetryPolicy(new NoRetry());
      press.open();
      assertSends(press);
      gateway.run("identity", "disable", id);
      press.awaitState(IotHubConnectionStatus.DISCONNECTED);
      assertRefused(press);
      gateway.run("identity", "enable", id);
      press.open();
      assertSends(press);
    }
  }

  @BothTransports
  void theNewerOfTwoConnectionsWithOneIdStays(IotHubClientProtocol protocol) throws Exception {
    String connection = gateway.create(gateway.newId("press"));
    try (Sdk<DeviceClient> older = gateway.device(connection, protocol);
        Sdk<DeviceClient> newer = gateway.device(connection, protocol)) {
      older.client().setRetryPolicy(new NoRetry());
      older.open();
      newer.open();
      older.awaitState(IotHubConnectionStatus.DISCONNECTED);
      assertSends(newer);
      assertEquals(1, newer.changes().all().size(), newer.changes().all()::toString);
    }
  }

  private ClientOptions withCertificate() {
    return ClientOptions.builder()
        .sslContext(Trust.in(gateway.authority(), new FakeCertificates().deviceKeys()))
        .build();
  }

  @BothTransports
  void aDeviceComesInByTheThumbprintOfItsCertificate(IotHubClientProtocol protocol)
      throws Exception {
    byte[] certificate = new FakeCertificates().deviceChain().get(0).getEncoded();
    String print =
        HexFormat.ofDelimiter(":")
            .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
    String connection =
        gateway.create(
            gateway.newId("press"), "--auth", "x509-thumbprint", "--primary-thumbprint", print);
    try (Sdk<DeviceClient> press = gateway.device(connection, protocol, withCertificate()).open()) {
      assertSends(press);
    }
    assertRefused(gateway.device(connection, protocol));
  }

  @BothTransports
  void aDeviceComesInByTheAuthorityThatSignedItsCertificate(IotHubClientProtocol protocol)
      throws Exception {
    String[] byAuthority = {"--auth", "x509-authority"};
    try (Sdk<DeviceClient> named =
        gateway.device(gateway.create("thermo1", byAuthority), protocol, withCertificate())) {
      named.open();
      assertSends(named);
    } finally {
      gateway.run("identity", "delete", "thermo1");
    }
    String other = gateway.create(gateway.newId("press"), byAuthority);
    assertRefused(gateway.device(other, protocol, withCertificate()));
  }

  /** Java's SDK renews nothing by itself: it waits to be disconnected. Both wait at once. */
  @Test
  void whoseTokenEndsIsDisconnectedAndComesBackWithANewOne() throws Exception {
    List<Sdk<DeviceClient>> clients = new ArrayList<>();
    try {
      clients.add(openWithTokens(IotHubClientProtocol.MQTT));
      // With tokens of its own the SDK has no gateway's name, and so no port but 443.
      if (gateway.loopback().https()) {
        clients.add(openWithTokens(IotHubClientProtocol.MQTT_WS));
      }
      for (Sdk<DeviceClient> client : clients) {
        client.awaitState(IotHubConnectionStatus.DISCONNECTED_RETRYING);
        client
            .changes()
            .await(
                "connected again",
                change ->
                    change.getPreviousStatus() == IotHubConnectionStatus.DISCONNECTED_RETRYING
                        && change.getNewStatus() == IotHubConnectionStatus.CONNECTED);
        assertSends(client);
      }
    } finally {
      clients.forEach(Sdk::close);
    }
  }

  /** Where a login takes longer than its token is good, it gets another try with a longer one. */
  private Sdk<DeviceClient> openWithTokens(IotHubClientProtocol protocol)
      throws IotHubClientException {
    for (int seconds = 5; ; seconds *= 3) {
      Sdk<DeviceClient> client = withTokens(protocol, seconds);
      try {
        return client.open();
      } catch (IotHubClientException late) {
        client.close();
        if (seconds > 60) {
          throw late;
        }
      }
    }
  }

  /** A device whose first token is good for so long, its second for an hour. */
  private Sdk<DeviceClient> withTokens(IotHubClientProtocol protocol, int seconds) {
    String id = gateway.newId("press");
    String key = key(gateway.create(id));
    String host = gateway.loopback().address();
    AtomicInteger tokens = new AtomicInteger();
    return new Sdk<>(
        new DeviceClient(
            host,
            id,
            () -> {
              Instant now = Instant.now();
              Instant end =
                  tokens.getAndIncrement() == 0
                      ? now.minus(SKEW).plusSeconds(seconds)
                      : now.plusSeconds(3_600);
              return SasToken.sign(host, new DeviceIdentity(id), key, end).toCharArray();
            },
            protocol,
            gateway.options()));
  }
}
