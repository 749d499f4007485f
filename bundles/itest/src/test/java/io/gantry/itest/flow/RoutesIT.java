package io.gantry.itest.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.gantry.itest.Await;
import io.gantry.itest.distribution.Distribution;
import io.gantry.itest.distribution.Identities;
import io.gantry.itest.distribution.Reports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What routes can say, from the manifest to the receiver. */
class RoutesIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String INPUT = "modules/later/inputs/in";
  private static final String INTO = " INTO BrokeredEndpoint(\"/" + INPUT + "\")";

  private Distribution distribution;
  private Reports reports;

  private void start(Path temp, Plan plan) {
    distribution = Distribution.in(temp.resolve("gantry")).knowing("reader", "thermo1");
    distribution.folder().openTopics();
    plan.first(distribution.folder());
    distribution.start();
    reports = new Reports(distribution);
  }

  @AfterEach
  void end() {
    distribution.close();
  }

  private MqttClient connect(String clientId) throws Exception {
    int port = distribution.folder().port("io.gantry.mqtt");
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
    client.setTimeToWait(LIMIT.toMillis());
    client.connect(Identities.login(new MqttConnectOptions(), clientId));
    return client;
  }

  private static void telemetry(MqttClient device, String properties, String body)
      throws Exception {
    String topic = "devices/" + device.getClientId() + "/messages/events/" + properties;
    device.publish(topic, body.getBytes(UTF_8), 1, false);
  }

  private long pending() {
    return Reports.queue(distribution.status(), INPUT).get("pending").getAsLong();
  }

  /** Published by anybody on a topic, through two routes, to a subscriber and upstream. */
  @Test
  void topicsOfTheLocalBrokerAreSourcesAndSinks(@TempDir Path temp) throws Exception {
    start(
        temp,
        new Plan()
            .route("alarms", "FROM /topics/plant/+/alarm INTO Topic(\"alarms\")")
            .route("up", "FROM /topics/alarms INTO $upstream")
            .route("echo", "FROM /messages/* INTO Topic(\"echo/${line}\")"));
    BlockingQueue<String> inbox = new LinkedBlockingQueue<>();
    try (MqttClient reader = connect("reader");
        MqttClient thermo = connect("thermo1")) {
      reader.subscribe(
          new String[] {"alarms", "echo/#"},
          new int[] {1, 1},
          new IMqttMessageListener[] {
            (topic, message) -> inbox.add(topic + " " + message),
            (topic, message) -> inbox.add(topic + " " + message)
          });
      reader.publish("plant/line1/alarm", "hot".getBytes(UTF_8), 1, false);
      assertEquals("alarms hot", inbox.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
      telemetry(thermo, "line=l7", "{}");
      assertEquals("echo/l7 {}", inbox.poll(LIMIT.toSeconds(), TimeUnit.SECONDS));
      reader.disconnect();
      thermo.disconnect();
    }
    Await.until("the event", LIMIT, () -> !reports.events().isEmpty(), distribution::everything);
    Reports.Event event = reports.events().get(0);
    assertEquals("hot", event.json().get("body").getAsString());
    assertEquals("alarms", event.system("topic"));
    assertEquals("gateway", event.system("connectionDeviceId"));
  }

  @Test
  void whatWaitsTooLongIsDroppedAndCountedAndTheRestMayBePurged(@TempDir Path temp)
      throws Exception {
    start(
        temp,
        new Plan()
            .route(
                "short", 0, Duration.ofSeconds(1), "FROM /messages/* WHERE kind = 'short'" + INTO)
            .route("long", 9, "FROM /messages/* WHERE kind = 'long'" + INTO));
    try (MqttClient thermo = connect("thermo1")) {
      for (int i = 0; i < 10; i++) {
        telemetry(thermo, "kind=short", "{}");
        telemetry(thermo, "kind=long", "{}");
      }
      thermo.disconnect();
    }
    // Nobody has looked yet for what has expired: the gateway does so once a minute.
    assertEquals(20, pending());
    // The second has passed by the time the process is there again: freed at the start.
    distribution.kill();
    distribution.start();
    Await.until("the short ones gone", LIMIT, () -> pending() == 10, distribution::everything);
    JsonObject status = distribution.status();
    assertEquals(10, status.getAsJsonObject("drops").get("ttl_expiry").getAsLong());
    assertTrue(Reports.queue(status, INPUT).get("pendingBytes").getAsLong() > 1_000);
    assertEquals(
        "purged 10 messages", distribution.cli("queue", "purge", "--address", INPUT).out());
    assertEquals(0, pending());
  }

  @Test
  void theLastMessagesAreExplainedAndTheForgottenContentTypeIsNamed(@TempDir Path temp)
      throws Exception {
    start(temp, new Plan().route("hot", "FROM /messages/* WHERE $body.t > 30 INTO $upstream"));
    try (MqttClient thermo = connect("thermo1")) {
      telemetry(thermo, "", "{\"t\":31}");
      telemetry(thermo, "$.ct=application%2Fjson&$.ce=utf-8", "{\"t\":31}");
      thermo.disconnect();
    }
    Distribution.Result result =
        distribution.cli("route", "explain", "--route", "hot", "--last", "2");
    List<String> lines = result.out().lines().toList();
    assertTrue(lines.get(0).endsWith("/messages: route hot fires"), result.out());
    assertTrue(result.out().contains("route hot does not fire"), result.out());
    assertTrue(result.out().contains("expected $contentType application/json"), result.out());
  }
}
