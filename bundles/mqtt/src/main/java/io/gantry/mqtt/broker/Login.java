package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.TopicRules;
import io.gantry.mqtt.topic.UserName;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.security.Credentials;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A CONNECT that is well-formed. Who sent it has not proved yet that it is who it says.
 *
 * @param clientId of the client, or made for one that has none
 * @param identity who it says it is; empty for a client that is nobody
 * @param password what it shows; empty when nothing
 * @param clean whether its session ends with the connection
 * @param azure whether the user name says that it is a client of IoT Hub
 * @param keepAliveSeconds 0 for none
 */
record Login(
    String clientId,
    String protocol,
    int level,
    Optional<Identity> identity,
    Optional<String> password,
    boolean clean,
    boolean azure,
    int keepAliveSeconds,
    Optional<Will> will) {

  /** One and a half times this is ten minutes, the longest that IoT Edge waits. */
  private static final int LONGEST_KEEP_ALIVE = 400;

  static Login of(MqttConnectMessage packet) throws LoginRefusedException {
    MqttConnectVariableHeader header = packet.variableHeader();
    if (header.version() != MqttVersion.MQTT_3_1.protocolLevel()
        && header.version() != MqttVersion.MQTT_3_1_1.protocolLevel()) {
      throw new LoginRefusedException(
          header.version() == MqttVersion.MQTT_5.protocolLevel()
              ? MqttConnectReturnCode.CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION
              : MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION,
          "MQTT protocol level: expected 3 or 4, found " + header.version());
    }
    Optional<UserName> user = userName(packet);
    String clientId = clientId(packet, user);
    if (user.isPresent() && !user.get().clientId().equals(clientId)) {
      throw new LoginRefusedException(
          MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
          "user name: expected the identity of the client id, found '"
              + Packets.shown(user.get().clientId())
              + "'");
    }
    byte[] password = packet.payload().passwordInBytes();
    boolean azure = user.map(UserName::azure).orElse(false);
    return new Login(
        clientId,
        header.name(),
        header.version(),
        HubTopic.identity(clientId),
        password == null || password.length == 0
            ? Optional.empty()
            : Optional.of(new String(password, UTF_8)),
        header.isCleanSession(),
        azure,
        keepAlive(header.keepAliveTimeSeconds(), azure),
        header.isWillFlag() ? Optional.of(Will.of(packet, clientId)) : Optional.empty());
  }

  private static Optional<UserName> userName(MqttConnectMessage packet)
      throws LoginRefusedException {
    String text = packet.payload().userName();
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    Optional<UserName> user = UserName.parse(text);
    if (user.isEmpty()) {
      throw new LoginRefusedException(
          MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
          "user name: expected host/device[/module]/?api-version=... or device[/module], found '"
              + Packets.shown(text)
              + "'");
    }
    return user;
  }

  /** A client without an id that says who it is gets its own; one that is nobody gets any. */
  private static String clientId(MqttConnectMessage packet, Optional<UserName> user)
      throws LoginRefusedException {
    String given = packet.payload().clientIdentifier();
    if ((given == null || given.isEmpty()) && packet.variableHeader().isCleanSession()) {
      return user.map(UserName::clientId).orElseGet(() -> "auto-" + UUID.randomUUID());
    }
    if (given == null || !TopicRules.isClientId(given)) {
      throw new LoginRefusedException(
          MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
          "client id: expected 1 to 257 characters without controls (none only with a clean"
              + " session)");
    }
    return given;
  }

  /** Clients of IoT Hub may not stay silent for ever; for others, MQTT lets them decide. */
  private static int keepAlive(int seconds, boolean azure) {
    boolean tooLong = seconds == 0 || seconds > LONGEST_KEEP_ALIVE;
    return azure && tooLong ? LONGEST_KEEP_ALIVE : seconds;
  }

  /** What it shows to prove who it is; empty when nothing. */
  Optional<Credentials> credentials(List<X509Certificate> certificates) {
    if (password.isPresent()) {
      return Optional.of(new Credentials.Token(password.get()));
    }
    return certificates.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credentials.Certificate(certificates));
  }

  /**
   * What Moquette gets to see: always a session that stays, because only for those it asks us for a
   * queue; we end it ourselves. No will and no password: both are our business.
   */
  MqttConnectMessage forMoquette() {
    return new MqttConnectMessage(
        new MqttFixedHeader(MqttMessageType.CONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0),
        new MqttConnectVariableHeader(
            protocol, level, false, false, false, 0, false, false, keepAliveSeconds),
        new MqttConnectPayload(clientId, null, new byte[0], null, new byte[0]));
  }

  /** Without what it shows. */
  @Override
  public String toString() {
    return "Login[" + clientId + "]";
  }
}
