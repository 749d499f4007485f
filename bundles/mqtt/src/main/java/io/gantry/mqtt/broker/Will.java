package io.gantry.mqtt.broker;

import io.gantry.api.message.Payload;
import io.gantry.mqtt.session.Telemetry;
import io.gantry.mqtt.topic.ClientRights;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.MalformedBagException;
import io.gantry.mqtt.topic.TopicRules;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.Optional;

/**
 * What a client wants to be published when its connection ends without a DISCONNECT.
 *
 * @param telemetry the message, when the topic is the hub's
 * @param isUnknown whether the topic is under a reserved prefix and has no meaning
 */
record Will(
    String topic,
    Payload body,
    MqttQoS qos,
    boolean retain,
    Optional<Telemetry> telemetry,
    boolean isUnknown) {

  static Will of(MqttConnectMessage packet, String clientId) throws LoginRefusedException {
    String topic = packet.payload().willTopic();
    byte[] bytes = packet.payload().willMessageInBytes();
    Payload body = bytes == null ? Payload.EMPTY : Payload.copyOf(bytes);
    MqttQoS qos = MqttQoS.valueOf(packet.variableHeader().willQos());
    boolean retain = packet.variableHeader().isWillRetain();
    if (topic == null || !TopicRules.isTopic(topic)) {
      throw refused("the will's topic is no topic");
    }
    HubTopic meaning = HubTopic.ofPublish(topic);
    Optional<Telemetry> telemetry =
        meaning instanceof HubTopic.Telemetry own
            ? Optional.of(telemetry(own, clientId, body).withFlags(retain, false).asWill())
            : Optional.empty();
    return new Will(topic, body, qos, retain, telemetry, meaning instanceof HubTopic.Unknown);
  }

  private static Telemetry telemetry(HubTopic.Telemetry topic, String clientId, Payload body)
      throws LoginRefusedException {
    if (!topic.sender().equals(clientId)) {
      throw refused("the will's topic is that of another identity");
    }
    try {
      return Telemetry.of(topic.bag(), body);
    } catch (MalformedBagException malformed) {
      throw refused("the will's " + malformed.getMessage());
    }
  }

  private static LoginRefusedException refused(String text) {
    return new LoginRefusedException(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED, text);
  }

  boolean isPermitted(ClientRights rights) {
    return isTelemetry() || rights.mayPublish(topic);
  }

  boolean isTelemetry() {
    return telemetry.isPresent();
  }

  void publish(Broker broker) {
    broker.publishWill(topic, qos, retain, body.toBytes());
  }
}
