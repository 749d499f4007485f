package io.gantry.mqtt.broker;

import io.gantry.spi.routing.TopicFilter;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a session beside that which Moquette keeps of it: it outlives connections. Used
 * on the event loop only.
 */
final class SessionState {

  private final String clientId;
  private final Backlog backlog;

  /** Free subscriptions. */
  final Map<String, MqttQoS> filters = new LinkedHashMap<>();

  /** Subscriptions to the hub, with the QoS that was granted. */
  final Map<String, Integer> hubFilters = new LinkedHashMap<>();

  /** Packet ids of messages to the client that it has not acknowledged to the end. */
  final BitSet inFlight = new BitSet();

  /** Packet ids of QoS 2 messages of the client that it has not released. */
  final BitSet unreleased = new BitSet();

  /** Those of them that the store has not answered yet. */
  final BitSet storing = new BitSet();

  /** What waits for it with QoS 1 and 2; only of a persistent session. */
  @Nullable Outbox outbox;

  /** The packet id that was used last on any connection of this session. */
  int lastPacketId;

  /** Whether it is kept when the connection ends. */
  boolean persistent;

  SessionState(String clientId, Backlog backlog) {
    this.clientId = clientId;
    this.backlog = backlog;
  }

  String clientId() {
    return clientId;
  }

  Backlog backlog() {
    return backlog;
  }

  /** The client is connected and has been told so. */
  void online(Outbox.Link link) {
    if (outbox != null) {
      outbox.online(link);
    }
  }

  /** The client is gone. */
  void offline() {
    backlog.offline();
    if (outbox != null) {
      outbox.offline();
    }
  }

  /** Whether messages wait for it. */
  boolean isBehind() {
    return !backlog.isEmpty() || outbox != null && !outbox.isEmpty();
  }

  /**
   * With which QoS it gets a message that was published with this one, if it is still asked for.
   */
  int granted(String topic, int published) {
    if (published < 2) {
      return published;
    }
    OptionalInt most =
        filters.entrySet().stream()
            .filter(filter -> new TopicFilter(filter.getKey()).matches(topic))
            .mapToInt(filter -> filter.getValue().value())
            .max();
    return most.isEmpty() ? published : Math.max(1, Math.min(published, most.getAsInt()));
  }
}
