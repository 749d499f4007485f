package io.gantry.mqtt.broker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import java.util.List;

/** The packets that the gate makes itself. */
final class Packets {

  private static final int SHOWN = 128;

  private Packets() {}

  private static MqttFixedHeader header(MqttMessageType type, MqttQoS qos) {
    return new MqttFixedHeader(type, false, qos, false, 0);
  }

  static MqttMessage refusal(MqttConnectReturnCode code) {
    return MqttMessageBuilders.connAck().returnCode(code).sessionPresent(false).build();
  }

  static MqttMessage acknowledgement(int packetId) {
    return new MqttPubAckMessage(
        header(MqttMessageType.PUBACK, MqttQoS.AT_MOST_ONCE),
        MqttMessageIdVariableHeader.from(packetId));
  }

  static MqttMessage received(int packetId) {
    return new MqttMessage(
        header(MqttMessageType.PUBREC, MqttQoS.AT_MOST_ONCE),
        MqttMessageIdVariableHeader.from(packetId));
  }

  static MqttMessage release(int packetId) {
    return new MqttMessage(
        header(MqttMessageType.PUBREL, MqttQoS.AT_LEAST_ONCE),
        MqttMessageIdVariableHeader.from(packetId));
  }

  static MqttSubAckMessage subAck(int packetId, List<Integer> codes) {
    return new MqttSubAckMessage(
        header(MqttMessageType.SUBACK, MqttQoS.AT_MOST_ONCE),
        MqttMessageIdVariableHeader.from(packetId),
        new MqttSubAckPayload(codes));
  }

  static MqttMessage unsubAck(int packetId) {
    return new MqttUnsubAckMessage(
        header(MqttMessageType.UNSUBACK, MqttQoS.AT_MOST_ONCE),
        MqttMessageIdVariableHeader.from(packetId));
  }

  static MqttMessage publish(String topic, MqttQoS qos, int packetId, ByteBuf body) {
    return new MqttPublishMessage(
        header(MqttMessageType.PUBLISH, qos), new MqttPublishVariableHeader(topic, packetId), body);
  }

  /** A message of a session's queue. */
  static MqttPublishMessage stored(StoredMessage message, int qos, int packetId, boolean again) {
    return new MqttPublishMessage(
        new MqttFixedHeader(
            MqttMessageType.PUBLISH, again, MqttQoS.valueOf(qos), message.retained(), 0),
        new MqttPublishVariableHeader(message.topic(), packetId),
        Unpooled.wrappedBuffer(message.body().asByteBuffer()));
  }

  /** The same message with RETAIN, as a new subscriber must see it (MQTT 3.1.1, 3.3.1.3). */
  static MqttPublishMessage retained(MqttPublishMessage packet) {
    MqttFixedHeader header = packet.fixedHeader();
    return new MqttPublishMessage(
        new MqttFixedHeader(MqttMessageType.PUBLISH, header.isDup(), header.qosLevel(), true, 0),
        packet.variableHeader(),
        packet.payload());
  }

  /** A text of a client, fit for a log line. */
  static String shown(String text) {
    String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}
