package io.gantry.itest.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.mqtt.RawClient;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever breaks a rule loses the connection, is counted, and disturbs nobody else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadClientsIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int LARGEST = 256 * 1024;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private Distribution distribution;
  private int port;
  private MqttClient bystander;

  @BeforeAll
  void start(@TempDir Path temp) throws MqttException {
    distribution =
        Distribution.in(temp.resolve("gantry"))
            .knowing("bystander", "twice", "length", "qos3", "topic", "wild", "server", "liar")
            .knowing("lost", "large", "huge");
    distribution.folder().openTopics();
    port = distribution.folder().port("io.gantry.mqtt");
    distribution.start();
    bystander = new MqttClient("tcp://127.0.0.1:" + port, "bystander", null);
    bystander.connect(Identities.login(new MqttConnectOptions(), "bystander"));
    bystander.subscribe(
        "quiet", 1, (topic, message) -> heard.add(new String(message.getPayload(), UTF_8)));
  }

  @AfterAll
  void stop() throws MqttException {
    bystander.disconnect();
    bystander.close();
    distribution.close();
  }

  /** On the connection that it has had all the time. */
  @AfterEach
  void nobodyElseIsDisturbed() throws Exception {
    assertTrue(bystander.isConnected());
    bystander.publish("quiet", "still here".getBytes(UTF_8), 1, false);
    assertEquals("still here", heard.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
  }

  private long drops(String reason) {
    JsonObject drops = distribution.status().getAsJsonObject("drops");
    return drops.has(reason) ? drops.get(reason).getAsLong() : 0;
  }

  private static byte[] login(String clientId) {
    return RawClient.connect(clientId);
  }

  static Stream<Named<List<byte[]>>> attacks() {
    byte[] nothing = new byte[0];
    return Stream.of(
        Named.of(
            "HTTP", List.of(("GET /" + "x".repeat(200) + " HTTP/1.1\r\n\r\n").getBytes(UTF_8))),
        Named.of("a message before CONNECT", List.of(RawClient.publish("a", 1, nothing))),
        Named.of("a second CONNECT", List.of(login("twice"), login("twice"))),
        Named.of(
            "a length of five bytes",
            List.of(login("length"), RawClient.bytes(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01))),
        Named.of(
            "a message of QoS 3",
            List.of(
                login("qos3"), RawClient.packet(0x36, RawClient.text("a"), RawClient.bytes(0, 1)))),
        Named.of(
            "a topic longer than its packet",
            List.of(login("topic"), RawClient.bytes(0x30, 3, 0, 200, 'a'), new byte[300])),
        Named.of(
            "a message to a wildcard",
            List.of(login("wild"), RawClient.publish("a/#", 1, nothing))),
        Named.of(
            "a packet that only the server sends",
            List.of(login("server"), RawClient.bytes(0x20, 2, 0, 0))),
        Named.of(
            "telemetry of another device",
            List.of(
                login("liar"), RawClient.publish("devices/thermo1/messages/events/", 1, nothing))));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void aPacketThatBreaksTheRulesEndsItsConnectionAndIsCounted(List<byte[]> packets)
      throws IOException {
    long before = drops("refused");
    try (RawClient attacker = RawClient.open(port)) {
      for (byte[] packet : packets) {
        attacker.send(packet);
      }
      attacker.awaitClosed();
    }
    assertEquals(before + 1, drops("refused"));
  }

  @Test
  void aPublishToAReservedTopicWithoutMeaningEndsItsConnectionAndIsCounted() throws IOException {
    long before = drops("unknown_topic");
    try (RawClient device = RawClient.open(port).login("lost")) {
      device.send(RawClient.publish("$iothub/nothing/of/the/kind", 1, new byte[0]));
      device.awaitClosed();
    }
    assertEquals(before + 1, drops("unknown_topic"));
  }

  @Test
  void theLargestMessageIsTakenAndOneByteMoreEndsTheConnection() throws MqttException {
    long before = drops("too_large");
    String topic = "devices/large/messages/events/";
    MqttClient device = new MqttClient("tcp://127.0.0.1:" + port, "large", null);
    device.setTimeToWait(LIMIT.toMillis());
    try {
      device.connect(Identities.login(new MqttConnectOptions(), "large"));
      device.publish(topic, new byte[LARGEST], 1, false);
      assertTrue(device.isConnected());
      assertEquals(before, drops("too_large"));
      assertThrows(
          MqttException.class, () -> device.publish(topic, new byte[LARGEST + 1], 1, false));
      Await.until("it is disconnected", LIMIT, () -> !device.isConnected());
      assertEquals(before + 1, drops("too_large"));
    } finally {
      device.close(true);
    }
  }

  @Test
  void aPacketOfManyMegabytesEndsItsConnectionAndIsCounted() throws IOException {
    long before = drops("too_large");
    try (RawClient device = RawClient.open(port).login("huge")) {
      try {
        device.send(RawClient.publish("free", 1, new byte[16 << 20]));
      } catch (SocketException closedMeanwhile) {
        // It need not be read to its end.
      }
      device.awaitClosed();
    }
    assertEquals(before + 1, drops("too_large"));
  }
}
