package io.gantry.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.security.Credentials;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.testkit.security.FakeAuthenticator;
import io.gantry.testkit.time.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginTest {

  private static final String GOOD = FakeAuthenticator.PASSWORD;

  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = Site.strict();
  }

  @AfterEach
  void close() {
    site.close();
  }

  private static byte[] connect(String clientId, String user, String password) {
    int flags = 2 | (user == null ? 0 : 0x80) | (password == null ? 0 : 0x40);
    return RawClient.packet(
        0x10,
        RawClient.text("MQTT"),
        RawClient.bytes(4, flags, 0, 60),
        RawClient.text(clientId),
        user == null ? new byte[0] : RawClient.text(user),
        password == null ? new byte[0] : RawClient.text(password));
  }

  private int answer(String clientId, String user, String password) throws IOException {
    try (RawClient client = new RawClient(site.port())) {
      client.send(connect(clientId, user, password));
      return client.expect(RawClient.CONNACK).rest()[1];
    }
  }

  @ParameterizedTest
  @CsvSource({
    "d1,         hub/d1/?api-version=2021-04-12",
    "d1,         hub/d1/?api-version=2021-04-12&DeviceClientType=a%2Fb%3F&model-id=dtmi:x;1",
    "d1,         hub/d1/api-version=2016-11-14",
    "d1,         hub/d1/?DeviceClientType=x&api-version=1",
    "gateway/m1, hub/gateway/m1/?api-version=2018-06-30",
    "a%2B1,      hub/a%252B1/?api-version=1",
    "d1,         d1",
    "gateway/m1, gateway/m1",
    "'',         d1"
  })
  void theUserNameSaysWhoItIs(String clientId, String user) throws Exception {
    assertEquals(0, answer(clientId, user, GOOD));
  }

  @ParameterizedTest
  @CsvSource({
    "d2, hub/d1/?api-version=2021-04-12",
    "D1, hub/d1/?api-version=2021-04-12",
    "d1, hub/d1/?api-version=",
    "d1, hub/d1/?api-version=&DeviceClientType=x",
    "d1, hub/d1/?x=1",
    "d1, hub/gateway/m1/x/?api-version=1",
    "d1, /d1/?api-version=1",
    "d1, api-version=1",
    "d1, d2",
    "d1, somebody else",
    "d1, a/b/c"
  })
  void aUserNameThatSaysSomethingElseIsRefused(String clientId, String user) throws Exception {
    assertEquals(5, answer(clientId, user, GOOD));
    assertEquals(List.of(), site.authenticator.attempts());
  }

  @Test
  void whoShowsNothingOrTheWrongThingIsRefused() throws Exception {
    assertEquals(5, answer("d1", null, null));
    assertEquals(5, answer("d1", "hub/d1/?api-version=1", null));
    assertEquals(5, answer("d1", "hub/d1/?api-version=1", "wrong"));
    assertEquals(1, site.authenticator.attempts().size());
  }

  /** A client id alone must not throw out the one that has proved who it is. */
  @Test
  void aRefusedLoginDoesNotDisturbTheOneWithThatId() throws Exception {
    try (RawClient first = new RawClient(site.port())) {
      first.send(connect("d1", "d1", GOOD));
      first.expect(RawClient.CONNACK);
      assertEquals(5, answer("d1", "d1", "wrong"));
      first.send(RawClient.bytes(0xC0, 0));
      first.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void theSecondConnectionWithAnIdEndsTheFirst() throws Exception {
    try (RawClient first = new RawClient(site.port());
        RawClient second = new RawClient(site.port())) {
      first.send(connect("d1", "d1", GOOD));
      first.expect(RawClient.CONNACK);
      second.send(connect("d1", "d1", GOOD));
      second.expect(RawClient.CONNACK);
      first.awaitClosed();
      second.send(RawClient.bytes(0xC0, 0));
      second.expect(RawClient.PINGRESP);
    }
  }

  @Test
  void aClientCertificateIsShownInsteadOfAPassword() throws Exception {
    MqttConnectOptions options = Site.options(true);
    options.setSocketFactory(site.certificates.deviceContext().getSocketFactory());
    MqttClient device = site.connectTls("thermo1", options);
    assertEquals(
        List.of(new Credentials.Certificate(site.certificates.deviceChain())),
        site.authenticator.attempts().stream().map(each -> each.credentials()).toList());
    device.disconnect();
    site.authenticator.trustCertificates(false);
    assertThrows(MqttException.class, () -> site.connectTls("thermo1", options));
  }

  /** What comes behind the login waits for it, as for a parent that has to be asked. */
  @Test
  void nothingIsHandledBeforeTheLoginIsDecided() throws Exception {
    site.authenticator.hold();
    try (RawClient device = new RawClient(site.port())) {
      byte[] body = new byte[1];
      device.send(
          connect("d1", "d1", GOOD),
          RawClient.publish("devices/d1/messages/events/", 1, 1, false, body),
          RawClient.bytes(0xC0, 0));
      Await.until("it has asked", () -> site.authenticator.attempts().size() == 1);
      assertEquals(List.of(), site.hub.sent());
      site.authenticator.release();
      device.expect(RawClient.CONNACK);
      device.expect(RawClient.PINGRESP);
      assertEquals(1, device.expect(RawClient.PUBACK).id(0));
    }
  }

  @Test
  void aConnectionEndsWhenWhatItShowedIsGoodNoLonger() throws Exception {
    site.authenticator.until(
        new DeviceIdentity("d1"), site.time.instant().plus(Duration.ofHours(3)));
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect("d1", "d1", GOOD));
      device.expect(RawClient.CONNACK);
      site.time.advance(Duration.ofHours(3).minusSeconds(1));
      device.send(RawClient.bytes(0xC0, 0));
      device.expect(RawClient.PINGRESP);
      site.time.advance(Duration.ofSeconds(1));
      device.awaitClosed();
    }
    site.hub.awaitGone(new DeviceIdentity("d1"));
  }

  @Test
  void aRevokedIdentityLosesItsConnection() throws Exception {
    try (RawClient module = new RawClient(site.port())) {
      module.send(connect("gateway/m1", "gateway/m1", GOOD));
      module.expect(RawClient.CONNACK);
      site.hub.awaitConnected(new ModuleIdentity("gateway", "m1")).close(CloseReason.REVOKED);
      module.awaitClosed();
    }
  }

  @Test
  void aHubThatIsNotReadyIsATemporaryRefusal() throws Exception {
    site.hub.refuse(new ConnectionRefusedException("no deployment", true));
    assertEquals(3, answer("d1", "d1", GOOD));
  }

  @Test
  void aSecondConnectEndsTheConnection() throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect("d1", "d1", GOOD));
      device.expect(RawClient.CONNACK);
      device.send(connect("d1", "d1", GOOD));
      device.awaitClosed();
    }
  }

  @Test
  void thereIsRoomForSoManyConnections() throws Exception {
    try (Site small = Site.withRoomFor(2);
        RawClient first = new RawClient(small.port());
        RawClient second = new RawClient(small.port())) {
      first.send(connect("d1", "d1", GOOD));
      first.expect(RawClient.CONNACK);
      second.send(connect("d2", "d2", GOOD));
      second.expect(RawClient.CONNACK);
      try (RawClient third = new RawClient(small.port())) {
        third.awaitClosed();
      }
      assertEquals(1, small.drops.of(DropReason.REFUSED));
      second.close();
      Await.until("there is room", () -> small.connections() == 1);
      try (RawClient fourth = new RawClient(small.port())) {
        fourth.send(connect("d3", "d3", GOOD));
        fourth.expect(RawClient.CONNACK);
      }
    }
  }

  // --- rights on free topics

  @ParameterizedTest
  @ValueSource(strings = {"d1", "d1/temperature", "d1/a/b/c"})
  void aDevicePublishesBelowItsOwnName(String topic) throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect("d1", "d1", GOOD));
      device.expect(RawClient.CONNACK);
      device.send(RawClient.publish(topic, 1, 1, false, new byte[1]));
      device.expect(RawClient.PUBACK);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"d2/temperature", "d11/temperature", "public/news", "gateway/m1/x", "x"})
  void aDeviceThatPublishesElsewhereLosesItsConnection(String topic) throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect("d1", "d1", GOOD));
      device.expect(RawClient.CONNACK);
      device.send(RawClient.publish(topic, 1, 1, false, new byte[1]));
      device.awaitClosed();
    }
    assertEquals(Map.of(DropReason.REFUSED, 1L), site.drops.counts());
  }

  @Test
  void aDeviceMayNotLeaveAWillElsewhere() throws Exception {
    MqttConnectOptions options = Site.azure("d1", true);
    options.setWill("d2/gone", new byte[1], 1, false);
    MqttException refused = assertThrows(MqttException.class, () -> site.connect("d1", options));
    assertEquals(MqttException.REASON_CODE_NOT_AUTHORIZED, refused.getReasonCode());
  }

  @ParameterizedTest
  @CsvSource({
    "d1/#, 1", "d1/a, 1", "d1/+/b, 1", "public/#, 1", "public/+, 1", "public, 1",
    "#, 128", "+/a, 128", "d2/#, 128", "+, 128", "d11/#, 128", "gateway/m1/#, 128"
  })
  void aDeviceSubscribesBelowItsOwnNameAndToWhatIsPublic(String filter, int code) throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect("d1", "d1", GOOD));
      device.expect(RawClient.CONNACK);
      device.send(RawClient.subscribe(1, filter, 1));
      assertEquals(code, device.expect(RawClient.SUBACK).rest()[2] & 0xFF);
    }
  }

  /** A device may be called like a wildcard; the rule for its own topics is then for nobody. */
  @ParameterizedTest
  @ValueSource(strings = {"+", "#"})
  void aNameThatIsAWildcardWidensNothing(String name) throws Exception {
    try (RawClient device = new RawClient(site.port())) {
      device.send(connect(name, name, GOOD));
      device.expect(RawClient.CONNACK);
      device.send(RawClient.subscribe(1, "d1/x", 1));
      assertEquals(0x80, device.expect(RawClient.SUBACK).rest()[2] & 0xFF);
      device.send(RawClient.publish("d1/x", 1, 2, false, new byte[1]));
      device.awaitClosed();
    }
    assertTrue(site.drops.of(DropReason.REFUSED) > 0);
  }
}
