package io.gantry.itest.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.gantry.itest.Await;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Identities, certificates, twins, methods and messages: the command line to devices and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IdentityIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final AtomicInteger devices = new AtomicInteger();
  private Distribution distribution;

  @BeforeAll
  void start(@TempDir Path temp) {
    distribution = Distribution.in(temp.resolve("gantry"));
    distribution.start();
  }

  @AfterAll
  void stop() {
    distribution.close();
  }

  private String done(String... words) {
    Distribution.Result result = distribution.cli(words);
    assertEquals(0, result.exitCode(), result.err());
    return result.out();
  }

  private JsonObject object(String... words) {
    return JsonParser.parseString(done(words)).getAsJsonObject();
  }

  /** Each test has a device of its own. */
  private String create() {
    String device = "device" + devices.incrementAndGet();
    assertEquals("created " + device, done("identity", "create", device));
    return device;
  }

  private Device connected(String device) throws MqttException {
    Device client = new Device(device);
    client.connect(done("identity", "token", device));
    return client;
  }

  /** A device by Eclipse Paho, as a person would write one who has the user guide. */
  private final class Device implements MqttCallback, AutoCloseable {

    private final String id;
    private final MqttAsyncClient client;
    private final List<String> arrived = new CopyOnWriteArrayList<>();
    private volatile boolean lost;
    private volatile int answer = 200;

    Device(String id) throws MqttException {
      this.id = id;
      String address = distribution.status().getAsJsonObject("endpoints").get("mqtt").getAsString();
      int port = URI.create(address).getPort();
      client = new MqttAsyncClient("tcp://127.0.0.1:" + port, id, new MemoryPersistence());
      client.setCallback(this);
    }

    void connect(String token) throws MqttException {
      MqttConnectOptions options = new MqttConnectOptions();
      options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
      options.setUserName("gantry.local/" + id + "/?api-version=2021-04-12");
      options.setPassword(token.toCharArray());
      client.connect(options).waitForCompletion(LIMIT.toMillis());
    }

    void subscribe(String filter) throws MqttException {
      client.subscribe(filter, 1).waitForCompletion(LIMIT.toMillis());
    }

    void publish(String topic, String body) throws MqttException {
      client.publish(topic, body.getBytes(UTF_8), 1, false).waitForCompletion(LIMIT.toMillis());
    }

    String await(String part) {
      Await.until(
          part,
          LIMIT,
          () -> arrived.stream().anyMatch(text -> text.contains(part)),
          () -> arrived + "\n" + distribution.everything());
      return arrived.stream().filter(text -> text.contains(part)).findFirst().orElseThrow();
    }

    void awaitEnd() {
      Await.until("the end of the connection", LIMIT, () -> lost, distribution::everything);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws MqttException {
      arrived.add(topic + " " + new String(message.getPayload(), UTF_8));
      if (topic.startsWith("$iothub/methods/POST/")) {
        String request = topic.substring(topic.indexOf("?$rid="));
        // Not awaited: this is the thread that the answer to it would come by.
        client.publish(
            "$iothub/methods/res/" + answer + "/" + request, message.getPayload(), 1, false);
      }
    }

    @Override
    public void connectionLost(Throwable cause) {
      lost = true;
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}

    @Override
    public void close() throws MqttException {
      if (client.isConnected()) {
        client.disconnectForcibly(1_000, 1_000);
      }
      client.close(true);
    }
  }

  private void assertRefused(String device, String token) throws MqttException {
    try (Device client = new Device(device)) {
      MqttException refused = assertThrows(MqttException.class, () -> client.connect(token));
      assertTrue(
          Set.of(4, 5).contains(refused.getReasonCode()),
          () -> device + ": " + refused.getMessage());
    }
  }

  @Test
  void aDeviceConnectsWithItsTokenUntilItIsDisabledAndAgainWhenItIsEnabled() throws Exception {
    String device = create();
    String token = done("identity", "token", device, "--ttl", "600");
    try (Device client = new Device(device)) {
      client.connect(token);
      client.publish("devices/" + device + "/messages/events/", "{}");
      assertEquals("disabled " + device, done("identity", "disable", device));
      client.awaitEnd();
    }
    assertRefused(device, token);
    assertFalse(object("identity", "show", device, "--json").get("enabled").getAsBoolean());
    assertEquals("enabled " + device, done("identity", "enable", device));
    try (Device client = new Device(device)) {
      client.connect(token);
      client.publish("devices/" + device + "/messages/events/", "{}");
    }
  }

  @Test
  void aNewKeyAndADeletedIdentityEndConnectionsAndMakeOldTokensWorthless() throws Exception {
    String device = create();
    String token = done("identity", "token", device);
    try (Device client = new Device(device)) {
      client.connect(token);
      done("identity", "regenerate-key", device, "--key", "primary");
      client.awaitEnd();
    }
    assertRefused(device, token);
    String next = done("identity", "token", device);
    try (Device client = new Device(device)) {
      client.connect(next);
      assertEquals("deleted " + device, done("identity", "delete", device));
      client.awaitEnd();
    }
    assertRefused(device, next);
    Distribution.Result gone = distribution.cli("identity", "show", device);
    assertEquals(1, gone.exitCode());
    assertEquals("gantry: there is no identity " + device, gone.err());
  }

  /** The modules of the deployment are there by themselves. */
  @Test
  void identitiesAreListedWithThoseOfTheDeployment() {
    String device = create();
    assertEquals("created " + device + "/meter", done("identity", "create", device + "/meter"));
    Set<String> ids = new TreeSet<>();
    Set<String> declared = new TreeSet<>();
    for (JsonElement one :
        JsonParser.parseString(done("identity", "list", "--json")).getAsJsonArray()) {
      String id = one.getAsJsonObject().get("identity").getAsString();
      ids.add(id);
      if (one.getAsJsonObject().get("declared").getAsBoolean()) {
        declared.add(id);
      }
    }
    assertTrue(ids.containsAll(Set.of(device, device + "/meter")), ids::toString);
    assertTrue(declared.containsAll(Set.of("gateway/filter", "gateway/sensor")), ids::toString);
    Distribution.Result twice = distribution.cli("identity", "create", device);
    assertEquals(1, twice.exitCode(), twice::err);
    Distribution.Result orphan = distribution.cli("identity", "create", "nobody/meter");
    assertEquals(1, orphan.exitCode(), orphan::err);
    assertTrue(
        distribution.status().getAsJsonObject("identities").get("enabled").getAsInt()
            >= declared.size() + 2);
  }

  @Test
  void theConnectionStringHoldsTheKeyAndTheGatewaysName() {
    String device = create();
    JsonObject keys = object("identity", "show", device, "--keys", "--json");
    assertEquals(
        "HostName=gantry.local;DeviceId="
            + device
            + ";SharedAccessKey="
            + keys.get("primaryKey").getAsString()
            + ";GatewayHostName="
            + object("certificate", "show", "--json").get("hostName").getAsString(),
        done("identity", "show", device, "--connection-string"));
  }

  @Test
  void theAuthorityStaysWhenTheCertificateIsRenewed(@TempDir Path temp) throws Exception {
    Path file = temp.resolve("ca.pem");
    done("certificate", "export-ca", "--out", file.toString());
    X509Certificate authority;
    try (InputStream in = Files.newInputStream(file)) {
      authority = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    assertTrue(authority.getBasicConstraints() >= 0, "it is an authority");
    JsonObject before = object("certificate", "show", "--json");
    JsonObject after = object("certificate", "renew", "--json");
    assertNotEquals(before.get("server"), after.get("server"));
    assertEquals(before.get("authority"), after.get("authority"));
    assertEquals(Files.readString(file).strip(), done("certificate", "export-ca"));
    Set<String> names = new TreeSet<>();
    after.getAsJsonArray("names").forEach(name -> names.add(name.getAsString()));
    assertTrue(names.containsAll(Set.of("localhost", "127.0.0.1")), names::toString);
  }

  @Test
  void aChangeOfDesiredPropertiesReachesTheDevice() throws Exception {
    String device = create();
    try (Device client = connected(device)) {
      client.subscribe("$iothub/twin/PATCH/properties/desired/#");
      JsonObject desired =
          object("twin", "update", device, "--desired", "{\"interval\":10}")
              .getAsJsonObject("desired");
      assertEquals(10, desired.get("interval").getAsInt());
      client.await("$version=" + desired.get("$version").getAsLong() + " {\"interval\":10");
      assertEquals(desired, object("twin", "show", device).getAsJsonObject("desired"));
    }
    Distribution.Result wrong = distribution.cli("twin", "update", device, "--desired", "3");
    assertEquals(1, wrong.exitCode(), wrong::err);
    Distribution.Result unknown = distribution.cli("twin", "show", "nobody");
    assertEquals(1, unknown.exitCode(), unknown::err);
  }

  /** The device answers with what it was sent. */
  @Test
  void aMethodIsAnsweredByTheDeviceAndItsStatusIsTheExitCode() throws Exception {
    String device = create();
    try (Device client = connected(device)) {
      client.subscribe("$iothub/methods/POST/#");
      String[] words = {"method", "invoke", device, "echo", "--payload", "{\"a\":1}"};
      assertEquals("status 200\n{\n  \"a\": 1\n}", done(words));
      client.answer = 404;
      Distribution.Result failed = distribution.cli(words);
      assertEquals(new Distribution.Result(1, "status 404\n{\n  \"a\": 1\n}", ""), failed);
    }
    Distribution.Result away = distribution.cli("method", "invoke", device, "echo");
    assertEquals(1, away.exitCode(), away::err);
    assertEquals("", away.out());
    assertTrue(away.err().startsWith("gantry: "), away::err);
  }

  /** The call is there first, and waits. */
  @Test
  void aMethodWaitsForADeviceThatIsAway() throws Exception {
    String device = create();
    String token = done("identity", "token", device);
    CompletableFuture<Distribution.Result> called =
        CompletableFuture.supplyAsync(
            () -> distribution.cli("method", "invoke", device, "echo", "--connect-timeout", "60"),
            task -> new Thread(task, "method").start());
    try (Device client = new Device(device)) {
      client.connect(token);
      client.subscribe("$iothub/methods/POST/#");
      assertEquals(new Distribution.Result(0, "status 200\nnull", ""), called.get());
    }
  }

  @Test
  void aMessageWaitsForTheDevice() throws Exception {
    String device = create();
    done("c2d", "send", device, "--body", "hello", "--property", "level=alarm");
    try (Device client = connected(device)) {
      client.subscribe("devices/" + device + "/messages/devicebound/#");
      String message = client.await(" hello");
      assertTrue(message.contains("level=alarm"), message);
    }
    Distribution.Result unknown = distribution.cli("c2d", "send", "nobody", "--body", "x");
    assertEquals(1, unknown.exitCode(), unknown::err);
  }

  @Test
  void noKeyIsInALogOrAFileOfTheGateway() throws Exception {
    String device = create();
    JsonObject keys = object("identity", "show", device, "--keys", "--json");
    List<String> secrets =
        List.of(keys.get("primaryKey").getAsString(), keys.get("secondaryKey").getAsString());
    Set<Path> places = new TreeSet<>();
    LiveFiles.contents(distribution.folder().data())
        .forEach(
            (file, content) -> {
              if (secrets.stream().anyMatch(content::contains)) {
                places.add(file);
              }
            });
    assertEquals(Set.of(), places);
    String said = distribution.everything() + done("status") + done("identity", "list");
    assertTrue(secrets.stream().noneMatch(said::contains), said);
  }
}
