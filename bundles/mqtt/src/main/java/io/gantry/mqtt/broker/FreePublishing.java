package io.gantry.mqtt.broker;

import io.gantry.api.message.Payload;
import io.gantry.spi.session.SendResult;
import io.moquette.broker.Recipients;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.BitSet;

/**
 * What one connection publishes on free topics. A message of QoS 1 or 2 is acknowledged once it is
 * durable for everybody it must be durable for: the routes that look at it, the persistent sessions
 * that have subscribed to it, and those who will subscribe when it is retained. Those whose
 * sessions are in memory get it then, too. Used on the event loop only.
 */
final class FreePublishing {

  /** The connection. */
  interface Owner extends Holder.Publisher {
    SessionState state();

    void write(MqttMessage packet);

    /** A message was refused. */
    void refused(SendResult.Rejected rejection);

    void close(String reason);

    /** More may be read. */
    void resume();
  }

  private final Broker broker;
  private final Owner owner;
  private final TopicWindow window = new TopicWindow();
  private final BitSet storing = new BitSet();
  private boolean ended;

  FreePublishing(Broker broker, Owner owner) {
    this.broker = broker;
    this.owner = owner;
  }

  /** Whether the client must not be read. */
  boolean isFull() {
    return window.isFull();
  }

  /** Takes a message over. */
  void publish(MqttPublishMessage packet) {
    MqttQoS qos = packet.fixedHeader().qosLevel();
    if (qos == MqttQoS.EXACTLY_ONCE && isRepeated(packet.variableHeader().packetId())) {
      packet.release();
      return;
    }
    String topic = packet.variableHeader().topicName();
    boolean wanted = broker.isWanted(topic);
    Recipients recipients = broker.wiring().match(topic, qos);
    if (qos == MqttQoS.AT_MOST_ONCE) {
      atMostOnce(packet, topic, recipients, wanted);
      return;
    }
    boolean retain = packet.fixedHeader().isRetain();
    boolean store = !recipients.durable().isEmpty();
    int answers = (wanted ? 1 : 0) + (store ? 1 : 0) + (retain ? 1 : 0);
    if (answers == 0 && window.isEmpty()) {
      goOn(packet, recipients);
      return;
    }
    TopicWindow.Pending pending = window.add(packet, answers);
    if (answers > 0 && qos == MqttQoS.EXACTLY_ONCE) {
      storing.set(packet.variableHeader().packetId());
      owner.state().storing.set(packet.variableHeader().packetId());
    }
    if (wanted) {
      broker.route(topic, body(packet), result -> answered(pending, result));
    }
    if (store) {
      StoredMessage message = new StoredMessage(topic, qos.value(), false, body(packet));
      broker
          .sessions()
          .store(message, recipients.durable(), owner, result -> answered(pending, result));
    }
    if (retain) {
      broker.retain(topic, qos, packet.payload(), result -> answered(pending, result));
    }
  }

  private void atMostOnce(
      MqttPublishMessage packet, String topic, Recipients recipients, boolean wanted) {
    if (wanted) {
      broker.route(topic, body(packet), result -> refuse(result));
    }
    try {
      hand(packet, recipients);
      if (packet.fixedHeader().isRetain()) {
        broker.retain(topic, MqttQoS.AT_MOST_ONCE, packet.payload(), result -> {});
      }
    } finally {
      packet.release();
    }
  }

  private static Payload body(MqttPublishMessage packet) {
    return Payload.wrap(ByteBufUtil.getBytes(packet.payload()));
  }

  /** Whether this QoS 2 message is here already and waits for its release (MQTT 3.1.1, 4.3.3). */
  private boolean isRepeated(int packetId) {
    SessionState state = owner.state();
    if (!state.unreleased.get(packetId)) {
      state.unreleased.set(packetId);
      return false;
    }
    if (!state.storing.get(packetId)) {
      owner.write(Packets.received(packetId));
    } else if (!storing.get(packetId)) {
      owner.close("its message " + packetId + " of the connection before is still being stored");
    }
    return true;
  }

  private void answered(TopicWindow.Pending pending, SendResult result) {
    boolean exactlyOnce = pending.qos() == MqttQoS.EXACTLY_ONCE;
    if (result instanceof SendResult.Rejected) {
      pending.refuse();
      if (exactlyOnce) {
        // The client must send it again, and that must not be taken for a repetition.
        owner.state().unreleased.clear(pending.packetId());
        owner.state().storing.clear(pending.packetId());
      }
      refuse(result);
      return;
    }
    if (pending.stored() && exactlyOnce) {
      storing.clear(pending.packetId());
      owner.state().storing.clear(pending.packetId());
    }
    if (ended) {
      return;
    }
    boolean wasFull = window.isFull();
    window.settle(packet -> goOn(packet, match(packet)));
    if (wasFull && !window.isFull()) {
      owner.resume();
    }
  }

  private Recipients match(MqttPublishMessage packet) {
    return broker
        .wiring()
        .match(packet.variableHeader().topicName(), packet.fixedHeader().qosLevel());
  }

  private void refuse(SendResult result) {
    if (!ended && result instanceof SendResult.Rejected rejection) {
      owner.refused(rejection);
    }
  }

  /** Hands a message to those whose sessions are in memory, and acknowledges it. */
  private void goOn(MqttPublishMessage packet, Recipients recipients) {
    try {
      hand(packet, recipients);
      int id = packet.variableHeader().packetId();
      owner.write(
          packet.fixedHeader().qosLevel() == MqttQoS.AT_LEAST_ONCE
              ? Packets.acknowledgement(id)
              : Packets.received(id));
    } finally {
      packet.release();
    }
  }

  private void hand(MqttPublishMessage packet, Recipients recipients) {
    broker.publishing(
        owner,
        () ->
            broker.wiring().publish(recipients, packet.fixedHeader().qosLevel(), packet.payload()));
  }

  /** The connection has ended: who has subscribed gets what came, though nobody can be told. */
  void end() {
    ended = true;
    window.drain(
        packet -> {
          try {
            broker
                .wiring()
                .publish(match(packet), packet.fixedHeader().qosLevel(), packet.payload());
          } finally {
            packet.release();
          }
        });
  }
}
