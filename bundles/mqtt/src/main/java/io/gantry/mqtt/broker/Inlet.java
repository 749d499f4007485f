package io.gantry.mqtt.broker;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Holds the packets of a client that may not be handled yet, and decides whether its socket is
 * read. A client whose messages must wait for a slow subscriber is still read as long as it may
 * itself be somebody's slow subscriber: its acknowledgements must come through, or two clients that
 * write to each other would wait for each other for ever. Used on the event loop only.
 */
final class Inlet {

  /** Where packets go, and what holds them up. */
  interface Owner {
    /** Handles one packet and takes it over. */
    void handle(MqttMessage packet);

    /**
     * Nothing can be sent to this client at the moment, so nothing that makes an answer is read.
     */
    boolean isUnwritable();

    /** Its telemetry waits for the store. */
    boolean isFull();

    /** Its messages wait for subscribers, or for itself to release what it sent. */
    boolean isHeld();

    /** Messages wait in its own session, so that its acknowledgements are needed. */
    boolean isBehind();

    /** Reads from the socket, or not. */
    void read(boolean on);

    /** Too much was held. */
    void overflow();
  }

  private final Owner owner;
  private final Deque<MqttMessage> held = new ArrayDeque<>();
  private long bytes;
  private boolean draining;
  private boolean closed;

  Inlet(Owner owner) {
    this.owner = owner;
  }

  /** Takes a packet over: handles it now or later. */
  void offer(MqttMessage packet) {
    if (closed) {
      ReferenceCountUtil.release(packet);
    } else if (mustWait(packet)) {
      hold(packet);
    } else {
      owner.handle(packet);
    }
    update();
  }

  private boolean mustWait(MqttMessage packet) {
    return owner.isUnwritable()
        || isOrdered(packet) && (!held.isEmpty() || owner.isFull() || owner.isHeld());
  }

  /** Whether it may not overtake a message: everything but acknowledgements and signs of life. */
  private static boolean isOrdered(MqttMessage packet) {
    MqttMessageType type = packet.fixedHeader().messageType();
    return switch (type) {
      case PUBACK, PUBREC, PUBREL, PUBCOMP, PINGREQ -> false;
      default -> true;
    };
  }

  private void hold(MqttMessage packet) {
    held.add(packet);
    bytes += size(packet);
    if (held.size() > Limits.HELD_PACKETS_HARD || bytes > Limits.HELD_BYTES_HARD) {
      owner.overflow();
    }
  }

  private static long size(MqttMessage packet) {
    return packet instanceof MqttPublishMessage publish ? publish.payload().readableBytes() : 0;
  }

  /** Something that held packets up may have gone. */
  void resume() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      while (!closed && !held.isEmpty() && !waits(held.peek())) {
        MqttMessage packet = held.remove();
        bytes -= size(packet);
        owner.handle(packet);
      }
      passUnordered();
    } finally {
      draining = false;
    }
    update();
  }

  /** Acknowledgements that were held while nothing could be sent must not wait behind messages. */
  private void passUnordered() {
    if (owner.isUnwritable() || closed) {
      return;
    }
    List<MqttMessage> free = held.stream().filter(packet -> !isOrdered(packet)).toList();
    held.removeAll(free);
    free.forEach(this::offer);
  }

  private boolean waits(MqttMessage packet) {
    return owner.isUnwritable() || isOrdered(packet) && (owner.isFull() || owner.isHeld());
  }

  /** Decides anew whether the socket is read. */
  void update() {
    if (!closed) {
      owner.read(!owner.isUnwritable() && !owner.isFull() && !isPatienceUsedUp());
    }
  }

  private boolean isPatienceUsedUp() {
    boolean much = held.size() >= Limits.HELD_PACKETS || bytes >= Limits.HELD_BYTES;
    return much && !owner.isBehind();
  }

  /** The connection has ended. */
  void close() {
    closed = true;
    held.forEach(ReferenceCountUtil::release);
    held.clear();
    bytes = 0;
  }
}
