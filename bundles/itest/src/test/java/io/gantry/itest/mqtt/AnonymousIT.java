package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Identities;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes in without showing who it is: nobody, unless a developer wants it on this machine. */
class AnonymousIT {

  private static final String TELEMETRY = "devices/nobody/messages/events/";

  @TempDir private Path temp;
  private Distribution distribution;

  @BeforeEach
  void copy() {
    distribution = Distribution.in(temp.resolve("gantry"));
  }

  @AfterEach
  void close() {
    distribution.close();
  }

  private int port(String endpoint) {
    return URI.create(distribution.report().endpoints().get(endpoint)).getPort();
  }

  /** Connects, sends something and leaves; answers the return code. */
  private int attempt(MqttConnectOptions options) throws MqttException {
    String address = "tcp://127.0.0.1:" + port("mqtt");
    try (var client =
        new org.eclipse.paho.client.mqttv3.MqttClient(
            address, "nobody", new MemoryPersistence())) {
      client.setTimeToWait(ThirdPartyClient.LIMIT.toMillis());
      options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
      client.connect(options);
      client.publish(TELEMETRY, "{}".getBytes(UTF_8), 1, false);
      client.publish("any/topic", "x".getBytes(UTF_8), 1, false);
      client.disconnect();
      return 0;
    } catch (MqttException refused) {
      return refused.getReasonCode();
    }
  }

  /** The same by an encrypted door; the client shows nothing. */
  private void assertRefused(Mqtt3ClientBuilder door) {
    Mqtt3AsyncClient client =
        door.identifier("nobody")
            .serverHost("127.0.0.1")
            .sslConfig(
                MqttClientSslConfig.builder()
                    .trustManagerFactory(Broker.of(distribution).trust())
                    .build())
            .buildAsync();
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () ->
                client
                    .connect()
                    .get(ThirdPartyClient.LIMIT.toSeconds(), TimeUnit.SECONDS));
    Mqtt3ConnAckException refused = (Mqtt3ConnAckException) failure.getCause();
    assertEquals(
        Mqtt3ConnAckReturnCode.NOT_AUTHORIZED, refused.getMqttMessage().getReturnCode());
  }

  private void assertRefusedByTls() {
    assertRefused(MqttClient.builder().useMqttVersion3().serverPort(port("mqtts")));
  }

  private void assertRefusedByWebSocket() {
    assertRefused(
        MqttClient.builder()
            .useMqttVersion3()
            .serverPort(port("https"))
            .webSocketConfig()
            .serverPath("$iothub/websocket")
            .applyWebSocketConfig());
  }

  private String log() throws IOException {
    return Files.readString(distribution.folder().data().resolve("logs/gantry.log"));
  }

  @Test
  void asShippedNobodyComesInWithoutShowingWhoItIs() throws Exception {
    distribution.start();
    assertEquals(5, attempt(new MqttConnectOptions()));
    MqttConnectOptions named = new MqttConnectOptions();
    named.setUserName("nobody");
    assertEquals(5, attempt(named));
    // A device that the gateway does not know, with a token as good as any.
    assertEquals(5, attempt(Identities.login(new MqttConnectOptions(), "nobody")));
    assertRefusedByTls();
    assertRefusedByWebSocket();
    assertFalse(log().contains("anonymous is on"), this::shownLog);
  }

  private String shownLog() {
    return distribution.everything();
  }

  @Test
  void theSettingForDevelopmentLetsInWhoIsOnThisMachineAndIsLogged() throws Exception {
    distribution.folder().configure("io.gantry.mqtt", "anonymous", true);
    distribution.start();
    assertEquals(0, attempt(new MqttConnectOptions()), this::shownLog);
    assertRefusedByTls();
    assertRefusedByWebSocket();
    String warning =
        log().lines().filter(line -> line.contains("anonymous is on")).findFirst().orElse("");
    assertTrue(warning.contains("WARN"), this::shownLog);
    assertTrue(warning.contains("127.0.0.1:" + port("mqtt")), warning);
    assertTrue(warning.contains("For development only"), warning);
    // What is shown is examined even so.
    assertEquals(5, attempt(Identities.login(new MqttConnectOptions(), "nobody")));
  }
}
