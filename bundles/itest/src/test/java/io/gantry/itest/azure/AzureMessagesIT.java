package io.gantry.itest.azure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import io.gantry.itest.distribution.Reports.Event;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedGateway.class)
class AzureMessagesIT {

  private static final String OUTPUT = "output1";

  private final Gateway gateway;

  AzureMessagesIT(Gateway gateway) {
    this.gateway = gateway;
  }

  private static Message message(String body) {
    Message message = new Message(body);
    message.setMessageId(UUID.randomUUID().toString());
    message.setContentType("application/json");
    message.setContentEncoding("utf-8");
    return message;
  }

  private static boolean isOf(Event event, Message sent) {
    return event.system("messageId").equals(sent.getMessageId());
  }

  /** A module that sends, and is no test's sink. */
  private Sdk<ModuleClient> sender(IotHubClientProtocol protocol) {
    return gateway.module(gateway.create("gateway/" + gateway.newId("sender")), protocol);
  }

  /** The module that messages are routed to, with what comes to one of its inputs. */
  private Sdk<ModuleClient> sink(
      IotHubClientProtocol protocol, String input, Inbox<Message> inbox) {
    Sdk<ModuleClient> sink = gateway.module(gateway.connection(Gateway.SINK), protocol);
    sink.client()
        .setMessageCallback(
            input,
            (message, context) -> {
              inbox.add(message);
              return IotHubMessageResult.COMPLETE;
            },
            null);
    return sink;
  }

  private static Message await(Inbox<Message> inbox, Message sent) {
    return inbox.await(
        "message " + sent.getMessageId(),
        message -> sent.getMessageId().equals(message.getMessageId()));
  }

  @BothTransports
  void whatADeviceSendsIsAcknowledgedAndGoesUpstream(IotHubClientProtocol protocol)
      throws Exception {
    String id = gateway.newId("press");
    Message sent = message("{\"n\":1}");
    try (Sdk<DeviceClient> press = gateway.device(gateway.create(id), protocol).open()) {
      press.client().sendEvent(sent);
    }

    Event event = gateway.awaitEvent("the message", one -> isOf(one, sent));
    assertEquals(id, event.system("connectionDeviceId"));
    assertEquals("", event.system("connectionModuleId"));
    assertEquals("application/json", event.system("contentType"));
    assertEquals(1, event.body().get("n").getAsInt());
  }

  @BothTransports
  void whatAModuleSendsOnAnOutputIsAcknowledgedAndGoesUpstream(IotHubClientProtocol protocol)
      throws Exception {
    String module = gateway.newId("sender");
    Message sent = message("{\"n\":2}");
    try (Sdk<ModuleClient> sender =
        gateway.module(gateway.create("gateway/" + module), protocol).open()) {
      sender.client().sendEvent(sent, "toTheCloud");
    }

    Event event = gateway.awaitEvent("the message", one -> isOf(one, sent));
    assertEquals("gateway", event.system("connectionDeviceId"));
    assertEquals(module, event.system("connectionModuleId"));
    assertEquals("toTheCloud", event.system("outputName"));
    assertEquals(2, event.body().get("n").getAsInt());
  }

  private static Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("plain", "value");
    properties.put("reserved &=/?#%+$ in the name", "name");
    properties.put("reserved", "a&b=c/d?e#f%g+h$i;j:k@l");
    properties.put("encoded", "%41%2F%24.mid=x");
    properties.put("blanks", " before and after ");
    properties.put("slash", "ends with /");
    properties.put("quotes", "\"'\\<>{}[]|^`~*");
    properties.put("größe", "測定 – Ωμέγα – ñ");
    properties.put("emoji \uD83C\uDF21", "\uD83D\uDE00 42 °C \uD83D\uDC69\u200D\uD83D\uDD27");
    properties.put("control", "tab\tline\nend");
    properties.put("long", "0123456789abcdef".repeat(500));
    return properties;
  }

  @BothTransports
  void propertiesOfEveryKindArriveAtAModuleAsTheyWereSent(IotHubClientProtocol protocol)
      throws Exception {
    Inbox<Message> inbox = new Inbox<>();
    Message sent = message("{\"n\":3}");
    sent.setMessageId("id/" + UUID.randomUUID() + " &=ö");
    sent.setCorrelationId("correlation #1");
    sent.setUserId("somebody@plant");
    sent.setContentType("application/json; charset=\"utf-8\"");
    sent.setCreationTimeUTC(new Date(1_700_000_000_123L));
    sent.setComponentName("spindle");
    properties().forEach(sent::setProperty);
    String id;
    try (Sdk<ModuleClient> sink = sink(protocol, Gateway.INPUT, inbox).open();
        Sdk<ModuleClient> sender = sender(protocol).open()) {
      sender.client().sendEvent(sent, OUTPUT);
      id = sender.client().getConfig().getModuleId();
      await(inbox, sent);
    }

    Message arrived = await(inbox, sent);
    assertEquals("{\"n\":3}", new String(arrived.getBytes(), UTF_8));
    assertEquals(Gateway.INPUT, arrived.getInputName());
    assertEquals("correlation #1", arrived.getCorrelationId());
    assertEquals(sent.getContentType(), arrived.getContentType());
    assertEquals("utf-8", arrived.getContentEncoding());
    assertEquals("gateway", arrived.getProperty("$.cdid"));
    assertEquals(id, arrived.getProperty("$.cmid"));
    assertEquals(sent.getCreationTimeUTCString(), arrived.getProperty("$.ctime"));
    assertEquals("spindle", arrived.getProperty("$.sub"));
    properties().forEach((name, value) -> assertEquals(value, arrived.getProperty(name), name));

    Event event = gateway.awaitEvent("the same upstream", one -> isOf(one, sent));
    properties().forEach((name, value) -> assertEquals(value, event.property(name), name));
    assertEquals("correlation #1", event.system("cid"));
    assertEquals("somebody@plant", event.system("userId"));
    assertEquals(sent.getCreationTimeUTCString(), event.system("creationTime"));
    assertEquals("spindle", event.system("dt-subject"));
  }

  /** The SDK shows a module whatever name comes last, and would believe anybody. */
  @BothTransports
  void whoSaysToBeAnotherIsShownToAModuleAsWhoItIs(IotHubClientProtocol protocol) throws Exception {
    Inbox<Message> inbox = new Inbox<>();
    String id = gateway.newId("liar");
    gateway.create(id);
    Message sent = message("{}");
    try (Sdk<ModuleClient> sink = sink(protocol, Gateway.LEAF_INPUT, inbox).open()) {
      publish(id, "%24.cdid=gateway&$.cmid=safety&leaf=yes&$.mid=" + sent.getMessageId());
      await(inbox, sent);
    }

    Message arrived = await(inbox, sent);
    assertEquals(id, arrived.getProperty("$.cdid"));
    assertNull(arrived.getProperty("$.cmid"));
  }

  /** The SDK never sends an empty value, and its receiving side does not survive one. */
  @BothTransports
  void anEmptyPropertyOfAnotherClientDoesNotEndTheConnectionOfAModule(IotHubClientProtocol protocol)
      throws Exception {
    Inbox<Message> inbox = new Inbox<>();
    String id = gateway.newId("plain");
    gateway.create(id);
    Message sent = message("{}");
    try (Sdk<ModuleClient> sink = sink(protocol, Gateway.LEAF_INPUT, inbox).open()) {
      publish(id, "%24.mid=" + sent.getMessageId() + "&empty=&leaf=yes&none&last=");
      await(inbox, sent);
      assertEquals(1, sink.changes().all().size(), sink.changes().all()::toString);
    }

    Message arrived = await(inbox, sent);
    assertEquals("yes", arrived.getProperty("leaf"));
    assertNull(arrived.getProperty("empty"));
    assertNull(arrived.getProperty("last"));
  }

  private void publish(String id, String bag) throws Exception {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setUserName(id);
    options.setPassword(gateway.run("identity", "token", id).strip().toCharArray());
    try (MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + gateway.plainPort(), id, new MemoryPersistence())) {
      client.connect(options);
      client.publish("devices/" + id + "/messages/events/" + bag, "{}".getBytes(UTF_8), 1, false);
      client.disconnect();
    }
  }

  @BothTransports
  void aLeafDeviceReachesAModuleWith252Kilobytes(IotHubClientProtocol protocol) throws Exception {
    Inbox<Message> inbox = new Inbox<>();
    byte[] body = new byte[252 * 1024];
    new Random(1).nextBytes(body);
    Message sent = new Message(body);
    sent.setMessageId(UUID.randomUUID().toString());
    sent.setProperty("leaf", "yes");
    String id = gateway.newId("leaf");
    try (Sdk<ModuleClient> sink = sink(protocol, Gateway.LEAF_INPUT, inbox).open();
        Sdk<DeviceClient> leaf = gateway.device(gateway.create(id), protocol).open()) {
      leaf.client().sendEvent(sent);
      await(inbox, sent);
    }

    Message arrived = await(inbox, sent);
    assertArrayEquals(body, arrived.getBytes());
    assertEquals(Gateway.LEAF_INPUT, arrived.getInputName());
    assertEquals(id, arrived.getProperty("$.cdid"));
  }

  /** The SDK asks for such messages only where it takes the gateway for the hub itself. */
  @BothTransports
  void messagesOfTheBackEndReachADeviceThatWasAwayAndOneThatIsThere(IotHubClientProtocol protocol)
      throws Exception {
    if (protocol == IotHubClientProtocol.MQTT_WS) {
      gateway.loopback().assumeHttps();
    }
    Inbox<Message> inbox = new Inbox<>();
    String id = gateway.newId("press");
    gateway.create(id);
    send(id, "first");
    try (Sdk<DeviceClient> press = gateway.device(gateway.withoutHub(id), protocol)) {
      press
          .client()
          .setMessageCallback(
              (message, context) -> {
                inbox.add(message);
                return IotHubMessageResult.COMPLETE;
              },
              null);
      press.open();
      Message first = inbox.await("the first", message -> body(message).equals("first"));
      assertEquals("a&b = c", first.getProperty("level"));
      assertNull(first.getProperty("empty"));
      send(id, "second");
      inbox.await("the second", message -> body(message).equals("second"));
    }
  }

  private static String body(Message message) {
    return new String(message.getBytes(), UTF_8);
  }

  private void send(String id, String body) {
    String[] words = {"c2d", "send", id, "--body", body, "--property", "level=a&b = c"};
    gateway.run(words);
  }
}
