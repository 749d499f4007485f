package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

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
}
