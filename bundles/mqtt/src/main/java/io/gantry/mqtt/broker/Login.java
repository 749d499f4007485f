package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.TopicRules;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.Optional;
import java.util.UUID;

/**
 * A CONNECT that may be let in.
 *
 * @param clientId of the client, or made for one that has none
 * @param clean whether its session ends with the connection
 * @param azure whether the user name says that it is a client of IoT Hub
 * @param keepAliveSeconds 0 for none
 */
record Login(
    String clientId,
    String protocol,
    int level,
    boolean clean,
    boolean azure,
    int keepAliveSeconds,
    Optional<Will> will) {

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
    String clientId = clientId(packet);
    boolean azure = claim(packet, clientId);
    return new Login(
        clientId,
        header.name(),
        header.version(),
        header.isCleanSession(),
        azure,
        header.keepAliveTimeSeconds(),
        header.isWillFlag() ? Optional.of(Will.of(packet, clientId)) : Optional.empty());
  }

  private static String clientId(MqttConnectMessage packet) throws LoginRefusedException {
    String given = packet.payload().clientIdentifier();
    if ((given == null || given.isEmpty()) && packet.variableHeader().isCleanSession()) {
      return "auto-" + UUID.randomUUID();
    }
    if (given == null || !TopicRules.isClientId(given)) {
      throw new LoginRefusedException(
          MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
          "client id: expected 1 to 257 characters without controls (none only with a clean"
              + " session)");
    }
    return given;
  }

  private static boolean claim(MqttConnectMessage packet, String clientId)
      throws LoginRefusedException {
    String userName = packet.payload().userName();
    Optional<String> claimed = userName == null ? Optional.empty() : HubTopic.claimedBy(userName);
    if (claimed.isPresent() && !claimed.get().equals(clientId)) {
      throw new LoginRefusedException(
          MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
          "user name: expected the identity of the client id, found '"
              + Packets.shown(claimed.get())
              + "'");
    }
    return claimed.isPresent();
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
}
