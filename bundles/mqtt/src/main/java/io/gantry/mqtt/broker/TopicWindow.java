package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The messages of one client on free topics that may not be acknowledged yet, because the store has
 * not answered for all who get them (routes, persistent sessions, retained messages), or because
 * one before them waits: acknowledgements come in the order of the messages (MQTT 3.1.1, 4.6). Used
 * on the event loop only.
 */
final class TopicWindow {

  private static final int MAX_MESSAGES = 512;
  private static final int MAX_BYTES = 1 << 20;

  /** One message that waits; the window holds its reference. */
  static final class Pending {

    private final MqttPublishMessage packet;
    private final MqttQoS qos;
    private final int packetId;
    private int missing;
    private boolean refused;

    private Pending(MqttPublishMessage packet, int missing) {
      this.packet = packet;
      qos = packet.fixedHeader().qosLevel();
      packetId = packet.variableHeader().packetId();
      this.missing = missing;
    }

    MqttQoS qos() {
      return qos;
    }

    int packetId() {
      return packetId;
    }

    /** One answer of the store has come; true when it was the last one. */
    boolean stored() {
      missing--;
      return missing == 0;
    }

    /** It is not stored: nobody else gets it, and it is never acknowledged. */
    void refuse() {
      refused = true;
    }
  }

  private final Deque<Pending> waiting = new ArrayDeque<>();
  private long bytes;

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether the client must not be read. */
  boolean isFull() {
    return waiting.size() >= MAX_MESSAGES || bytes >= MAX_BYTES;
  }

  /**
   * Takes a message over.
   *
   * @param missing how many answers of the store it waits for
   */
  Pending add(MqttPublishMessage packet, int missing) {
    Pending pending = new Pending(packet, missing);
    waiting.add(pending);
    bytes += packet.payload().readableBytes();
    return pending;
  }

  /** Gives away those at the head that are stored. */
  void settle(Consumer<MqttPublishMessage> next) {
    while (!waiting.isEmpty() && waiting.element().missing == 0) {
      next.accept(take().packet);
    }
  }

  /** Gives away everything that was not refused: the connection has ended. */
  void drain(Consumer<MqttPublishMessage> next) {
    while (!waiting.isEmpty()) {
      Pending pending = take();
      if (pending.refused) {
        pending.packet.release();
      } else {
        next.accept(pending.packet);
      }
    }
  }

  private Pending take() {
    Pending first = waiting.remove();
    bytes -= first.packet.payload().readableBytes();
    return first;
  }
}
