package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The messages of one client on free topics that may not be acknowledged yet, because a route looks
 * at them and the store has not answered, or because one before them waits: acknowledgements come
 * in the order of the messages (MQTT 3.1.1, 4.6). Used on the event loop only.
 */
final class TopicWindow {

  private static final int MAX_MESSAGES = 512;
  private static final int MAX_BYTES = 1 << 20;

  /** One message that waits; the window holds its reference. */
  static final class Pending {

    private final MqttPublishMessage packet;
    private boolean stored;

    private Pending(MqttPublishMessage packet, boolean stored) {
      this.packet = packet;
      this.stored = stored;
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

  /** Takes a message over. */
  Pending add(MqttPublishMessage packet, boolean stored) {
    Pending pending = new Pending(packet, stored);
    waiting.add(pending);
    bytes += packet.payload().readableBytes();
    return pending;
  }

  /** Notes that a message is stored, and gives away those that may go on. */
  void stored(Pending pending, Consumer<MqttPublishMessage> next) {
    pending.stored = true;
    while (!waiting.isEmpty() && waiting.peek().stored) {
      give(next);
    }
  }

  /** Gives away everything: the connection has ended. */
  void drain(Consumer<MqttPublishMessage> next) {
    while (!waiting.isEmpty()) {
      give(next);
    }
  }

  private void give(Consumer<MqttPublishMessage> next) {
    MqttPublishMessage packet = waiting.remove().packet;
    bytes -= packet.payload().readableBytes();
    next.accept(packet);
  }
}
