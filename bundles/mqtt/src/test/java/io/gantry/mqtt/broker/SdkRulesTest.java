package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.mqtt.broker.RawClient.Packet;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.Subscription;
import io.gantry.testkit.store.FakeStore;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What breaks a real SDK over MQTT, one test for each. */
class SdkRulesTest {

  private static final ModuleIdentity M1 = new ModuleIdentity("gateway", "m1");

  /**
   * After a restart of the hub no SDK subscribes again to desired properties and methods: they
   * connect with clean session 0 and rely on the hub.
   */
  @Test
  void rule1SubscriptionsSurviveARestartOfTheHub() throws Exception {
    FakeStore store = new FakeStore();
    try (Site before = Site.strict(store);
        RawClient module = login(before, false)) {
      module.send(
          RawClient.packet(
              0x82,
              RawClient.bytes(0, 1),
              RawClient.text("$iothub/twin/PATCH/properties/desired/#"),
              RawClient.bytes(0),
              RawClient.text("$iothub/methods/POST/#"),
              RawClient.bytes(1),
              RawClient.text("$iothub/twin/res/#"),
              RawClient.bytes(1),
              RawClient.text("devices/gateway/modules/m1/inputs/#"),
              RawClient.bytes(1)));
      module.expect(RawClient.SUBACK);
    }
    try (Site after = Site.strict(store);
        RawClient module = login(after, false)) {
      ClientSession session = after.hub.awaitSubscription(M1, Subscription.INPUTS);
      after.hub.awaitSubscription(M1, Subscription.METHODS);
      after.hub.awaitSubscription(M1, Subscription.DESIRED_PROPERTIES);
      session.desiredChanged(new DesiredChange("{}", 2));
      Packet change = module.expect(RawClient.PUBLISH);
      assertEquals(0, change.first() >> 1 & 3);
      session.invoke(new MethodRequest("m", "null"));
      Packet call = module.expect(RawClient.PUBLISH);
      assertEquals(1, call.first() >> 1 & 3);
    }
  }

  private static RawClient login(Site site, boolean clean) throws Exception {
    RawClient client = new RawClient(site.port());
    client.send(
        RawClient.packet(
            0x10,
            RawClient.text("MQTT"),
            RawClient.bytes(4, 0xC0 | (clean ? 2 : 0), 0, 60),
            RawClient.text("gateway/m1"),
            RawClient.text("gantry.local/gateway/m1/?api-version=2020-09-30"),
            RawClient.text("let me in")));
    client.expect(RawClient.CONNACK);
    return client;
  }

  private static String inputTopic(Message message) throws Exception {
    try (Site site = Site.strict();
        RawClient module = login(site, true)) {
      module.send(RawClient.subscribe(1, "devices/gateway/modules/m1/inputs/#", 1));
      module.expect(RawClient.SUBACK);
      site.hub.awaitInputs(M1).deliver("in1", message);
      return module.expect(RawClient.PUBLISH).topic();
    }
  }

  private static Message message() {
    return Message.of(Payload.EMPTY)
        .withSystemProperty(SystemProperty.CONNECTION_DEVICE_ID, "d1")
        .withProperty("full", "x");
  }

  /** The Java SDK throws, drops the connection, and dies of the same message again and again. */
  @Test
  void rule2PropertiesWithEmptyValuesAreLeftOut() throws Exception {
    String topic = inputTopic(message().withProperty("empty", "").withProperty("none", null));
    assertEquals("devices/gateway/modules/m1/inputs/in1/%24.cdid=d1&full=x", topic);
  }

  /** The Java SDK takes the slash for a part of the last value. */
  @Test
  void rule3AnInputTopicDoesNotEndWithASlash() throws Exception {
    assertFalse(inputTopic(message()).endsWith("/"));
    assertTrue(inputTopic(message().withProperty("path", "a/")).endsWith("path=a%2F"));
  }

  /** The Java SDK loses the input's name and what stands before the first {@code %24}. */
  @Test
  void rule4SystemPropertiesComeFirstWithAnEscapedDollar() throws Exception {
    String topic = inputTopic(message().withProperty("$a", "1"));
    assertEquals("devices/gateway/modules/m1/inputs/in1/%24.cdid=d1&full=x&%24a=1", topic);
  }

  /** Of two properties of one name the Java SDK shows the last, so only ours may be there. */
  @Test
  void whatASenderSaysOfItselfDoesNotStandBesideWhatTheHubSays() throws Exception {
    Message liar = message().withProperty("$.cdid", "d2").withProperty("$.cmid", "safety");
    assertEquals("devices/gateway/modules/m1/inputs/in1/%24.cdid=d1&full=x", inputTopic(liar));
  }

  /** The Java SDK gives up for good when TLS fails behind an accepted connection. */
  @Test
  void rule8WhatListensWithTlsCanDoTlsAtOnce() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (Site site = Site.strict()) {
        var options = Site.azure("d1", true);
        options.setSocketFactory(site.certificates.clientContext().getSocketFactory());
        site.connectTls("d1", options).disconnect();
      }
    }
  }

  /** SDKs send the system keys in clear (Java) or escaped (Node), and a slash too many. */
  @Test
  void section43BothFormsOfSystemKeysAndTheExtraSlashAreRead() throws Exception {
    try (Site site = Site.strict();
        RawClient module = login(site, true)) {
      String events = "devices/gateway/modules/m1/messages/events/";
      byte[] body = "b".getBytes(UTF_8);
      module.send(
          RawClient.publish(events + "$.mid=1&$.on=out&$.cdid=other&k=a%20b/", 1, 1, false, body),
          RawClient.publish(events + "%24.mid=1&%24.on=out&%24.ct=a%2Fb", 1, 2, false, body));
      var sent = site.hub.awaitSent(2);
      for (var each : sent) {
        assertEquals("out", each.output().orElseThrow());
        assertEquals("1", each.message().systemProperty(SystemProperty.MESSAGE_ID).orElseThrow());
      }
      assertEquals("a b", sent.get(0).message().properties().get("k"));
      // What a client says about its own identity is a property like any other.
      assertEquals(Map.of("k", "a b", "$.cdid", "other"), sent.get(0).message().properties());
    }
  }
}
