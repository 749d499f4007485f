package io.gantry.itest.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Identities;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes in without showing who it is: nobody, unless a developer wants it on this machine. */
class AnonymousIT {

  private static final int LET_IN = 0;
  private static final int REFUSED = 5;
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
    return attempt("tcp://127.0.0.1:" + port("mqtt"), options);
  }

  private static int attempt(String address, MqttConnectOptions options) throws MqttException {
    try (MqttClient client = new MqttClient(address, "nobody", new MemoryPersistence())) {
      client.setTimeToWait(ThirdPartyClient.LIMIT.toMillis());
      options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
      client.connect(options);
      client.publish(TELEMETRY, "{}".getBytes(UTF_8), 1, false);
      client.publish("any/topic", "x".getBytes(UTF_8), 1, false);
      client.disconnect();
      return LET_IN;
    } catch (MqttException refused) {
      return refused.getReasonCode();
    }
  }

  /** By TLS and by WebSocket, which are for everybody. */
  private void assertRefusedAtTheDoorsForEverybody() throws MqttException {
    for (String address :
        List.of("ssl://127.0.0.1:" + port("mqtts"), "wss://127.0.0.1:" + port("https"))) {
      MqttConnectOptions options = new MqttConnectOptions();
      options.setSocketFactory(PahoThirdParty.tls(Broker.of(distribution).trust()));
      assertEquals(REFUSED, attempt(address, options), address);
    }
  }

  private String log() throws IOException {
    return Files.readString(distribution.folder().data().resolve("logs/gantry.log"));
  }

  @Test
  void asShippedNobodyComesInWithoutShowingWhoItIs() throws Exception {
    distribution.start();
    assertEquals(REFUSED, attempt(new MqttConnectOptions()));
    MqttConnectOptions named = new MqttConnectOptions();
    named.setUserName("nobody");
    assertEquals(REFUSED, attempt(named));
    // A device that the gateway does not know, with a token as good as any.
    assertEquals(REFUSED, attempt(Identities.login(new MqttConnectOptions(), "nobody")));
    assertRefusedAtTheDoorsForEverybody();
    assertFalse(log().contains("anonymous is on"), this::shownLog);
  }

  private String shownLog() {
    return distribution.everything();
  }

  @Test
  void theSettingForDevelopmentLetsInWhoIsOnThisMachineAndIsLogged() throws Exception {
    distribution.folder().configure("io.gantry.mqtt", "anonymous", true);
    distribution.start();
    assertEquals(LET_IN, attempt(new MqttConnectOptions()), this::shownLog);
    assertRefusedAtTheDoorsForEverybody();
    String warning =
        log().lines().filter(line -> line.contains("anonymous is on")).findFirst().orElse("");
    assertTrue(warning.contains("WARN"), this::shownLog);
    assertTrue(warning.contains("127.0.0.1:" + port("mqtt")), warning);
    assertTrue(warning.contains("For development only"), warning);
    // What is shown is examined even so.
    assertEquals(REFUSED, attempt(Identities.login(new MqttConnectOptions(), "nobody")));
  }
}
