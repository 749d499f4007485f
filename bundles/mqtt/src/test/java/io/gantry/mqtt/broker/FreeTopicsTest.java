package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.testkit.time.Await;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeTopicsTest {

  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
  }

  @AfterEach
  void close() {
    site.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void messagesReachSubscribersOfWildcards(int qos) throws Exception {
    try (MqttClient reader = site.connect("reader");
        MqttClient writer = site.connect("writer")) {
      Inbox plus = new Inbox();
      Inbox all = new Inbox();
      reader.subscribe("plant/+/temperature", qos, plus);
      writer.subscribe("plant/#", qos, all);
      for (int i = 0; i < 50; i++) {
        writer.publish("plant/line1/temperature", bytes("t" + i), qos, false);
      }
      for (int i = 0; i < 50; i++) {
        assertEquals(
            new Inbox.Received("plant/line1/temperature", "t" + i, qos, false), plus.next());
        all.assertNext("plant/line1/temperature", "t" + i);
      }
      writer.publish("plant/line1/pressure", bytes("p"), qos, false);
      all.assertNext("plant/line1/pressure", "p");
      reader.disconnect();
      writer.disconnect();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aRetainedMessageIsThereForWhoComesLater(int qos) throws Exception {
    try (MqttClient writer = site.connect("writer");
        MqttClient reader = site.connect("reader")) {
      writer.publish("state/door", bytes("open"), qos, true);
      writer.publish("state/door", bytes("closed"), qos, true);
      writer.publish("sync", bytes("x"), 1, false);
      Inbox inbox = new Inbox();
      reader.subscribe("state/#", 2, inbox);
      assertEquals(new Inbox.Received("state/door", "closed", qos, true), inbox.next());
      // For those who are there already it is a message like any other.
      writer.publish("state/door", bytes("open"), qos, true);
      assertEquals(new Inbox.Received("state/door", "open", qos, false), inbox.next());
      writer.publish("state/door", new byte[0], qos, true);
      inbox.assertNext("state/door", "");
      Inbox later = new Inbox();
      writer.subscribe("state/+", 1, later);
      writer.publish("state/window", bytes("shut"), 1, false);
      later.assertNext("state/window", "shut");
      writer.disconnect();
      reader.disconnect();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWillIsPublishedWhenTheConnectionBreaksAndRetainedIfAsked(boolean retain) throws Exception {
    try (MqttClient reader = site.connect("reader")) {
      Inbox inbox = new Inbox();
      reader.subscribe("wills/#", 1, inbox);
      MqttConnectOptions options = Site.options(true);
      options.setWill("wills/w1", bytes("gone"), 1, retain);
      MqttClient dying = site.connect("dying", options);
      // Without DISCONNECT.
      dying.disconnectForcibly(0, 1, false);
      inbox.assertNext("wills/w1", "gone");
      Inbox later = new Inbox();
      try (MqttClient second = site.connect("second")) {
        second.subscribe("wills/#", 1, later);
        second.publish("wills/end", bytes("end"), 1, false);
        if (retain) {
          assertEquals(new Inbox.Received("wills/w1", "gone", 1, true), later.next());
        }
        later.assertNext("wills/end", "end");
        second.disconnect();
      }
      dying.close();
      reader.disconnect();
    }
  }

  @Test
  void aWillIsForgottenWithDisconnect() throws Exception {
    try (MqttClient reader = site.connect("reader")) {
      Inbox inbox = new Inbox();
      reader.subscribe("wills/#", 1, inbox);
      MqttConnectOptions options = Site.options(true);
      options.setWill("wills/w1", bytes("gone"), 1, false);
      try (MqttClient leaving = site.connect("leaving", options)) {
        leaving.disconnect();
      }
      Await.until("it has left", () -> site.connections() == 1);
      reader.publish("wills/end", bytes("end"), 1, false);
      inbox.assertNext("wills/end", "end");
      reader.disconnect();
    }
  }

  @Test
  void aPersistentSessionGetsWhatCameMeanwhileInOrder() throws Exception {
    MqttClient first = site.connect("stayer", Site.options(false));
    first.subscribe("news/#", 1);
    first.disconnect();
    first.close();
    try (MqttClient writer = site.connect("writer")) {
      for (int i = 0; i < 60; i++) {
        writer.publish("news/n", bytes("n" + i), 1, false);
      }
      writer.disconnect();
    }
    Inbox inbox = new Inbox();
    MqttClient again = new MqttClient("tcp://127.0.0.1:" + site.port(), "stayer", null);
    again.setCallback(new InboxCallback(inbox));
    assertTrue(again.connectWithResult(Site.options(false)).getSessionPresent());
    for (int i = 0; i < 60; i++) {
      inbox.assertNext("news/n", "n" + i);
    }
    again.disconnect();
    again.close();
    MqttClient clean = new MqttClient("tcp://127.0.0.1:" + site.port(), "stayer", null);
    assertFalse(clean.connectWithResult(Site.options(true)).getSessionPresent());
    clean.disconnect();
    clean.close();
  }
}
