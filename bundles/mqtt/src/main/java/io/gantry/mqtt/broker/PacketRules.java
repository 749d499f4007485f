package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What MQTT 3.1.1 demands of a packet and its codec does not look at, among other things because
 * MQTT 5 allows it. Each is answered by the end of the connection, without a CONNACK (3.1.4 and
 * 4.8).
 */
final class PacketRules {

  private PacketRules() {}

  /** What is wrong with a packet; empty when nothing is. */
  static Optional<String> violation(MqttMessage packet) {
    MqttFixedHeader header = packet.fixedHeader();
    return switch (header.messageType()) {
      case CONNECT -> ofConnect((MqttConnectMessage) packet);
      case PUBLISH -> ofPublish((MqttPublishMessage) packet);
      case SUBSCRIBE -> ofSubscribe((MqttSubscribeMessage) packet);
      case UNSUBSCRIBE -> ofFilters(((MqttUnsubscribeMessage) packet).payload().topics());
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> length(header, 2);
      case PINGREQ, DISCONNECT -> length(header, 0);
      default -> Optional.empty();
    };
  }

  private static Optional<String> length(MqttFixedHeader header, int expected) {
    return header.remainingLength() == expected
        ? Optional.empty()
        : Optional.of(
            header.messageType()
                + ": expected a remaining length of "
                + expected
                + ", found "
                + header.remainingLength());
  }

  private static Optional<String> ofConnect(MqttConnectMessage packet) {
    MqttConnectVariableHeader header = packet.variableHeader();
    if (header.version() == MqttVersion.MQTT_5.protocolLevel()) {
      return Optional.empty();
    }
    if (header.willQos() > MqttQoS.EXACTLY_ONCE.value()) {
      return Optional.of("CONNECT: will with QoS " + header.willQos());
    }
    if (!header.isWillFlag() && (header.willQos() > 0 || header.isWillRetain())) {
      return Optional.of("CONNECT: QoS or RETAIN of a will, and no will");
    }
    if (header.hasPassword() && !header.hasUserName()) {
      return Optional.of("CONNECT: a password, and no user name");
    }
    boolean nul =
        hasNul(packet.payload().clientIdentifier())
            || hasNul(packet.payload().userName())
            || hasNul(packet.payload().willTopic());
    return nul ? Optional.of("CONNECT: a text with U+0000") : Optional.empty();
  }

  private static boolean hasNul(@Nullable String text) {
    return text != null && text.indexOf('\0') >= 0;
  }

  private static Optional<String> ofPublish(MqttPublishMessage packet) {
    if (packet.fixedHeader().isDup() && packet.fixedHeader().qosLevel() == MqttQoS.AT_MOST_ONCE) {
      return Optional.of("PUBLISH: QoS 0 and DUP");
    }
    return hasControl(packet.variableHeader().topicName())
        ? Optional.of("PUBLISH: a topic with a control character")
        : Optional.empty();
  }

  private static Optional<String> ofSubscribe(MqttSubscribeMessage packet) {
    List<MqttTopicSubscription> wanted = packet.payload().topicSubscriptions();
    for (MqttTopicSubscription each : wanted) {
      MqttSubscriptionOption option = each.option();
      boolean reserved =
          option.isNoLocal() || option.isRetainAsPublished() || option.retainHandling().value() > 0;
      if (reserved) {
        return Optional.of("SUBSCRIBE: reserved bits beside the QoS");
      }
    }
    return ofFilters(wanted.stream().map(MqttTopicSubscription::topicFilter).toList());
  }

  private static Optional<String> ofFilters(List<String> filters) {
    if (filters.isEmpty()) {
      return Optional.of("expected a filter, found none");
    }
    return filters.stream().anyMatch(PacketRules::hasControl)
        ? Optional.of("a filter with a control character")
        : Optional.empty();
  }

  private static boolean hasControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
