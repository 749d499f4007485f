package io.gantry.mqtt.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;

/**
 * The messages of one client that the store has not answered yet, in the order they came: a PUBACK
 * must not overtake an earlier one (MQTT 3.1.1, 4.6). Messages without a packet id (QoS 0) take
 * room and get no acknowledgement. Used on the event loop only.
 */
final class AckWindow {

  /** At this number of messages the client is not read. */
  static final int MAX_MESSAGES = 512;

  /** At this number of bytes the client is not read. */
  static final int MAX_BYTES = 1 << 20;

  /** One message that waits. */
  static final class Pending {

    private final int packetId;
    private final int bytes;
    private boolean done;

    private Pending(int packetId, int bytes) {
      this.packetId = packetId;
      this.bytes = bytes;
    }
  }

  private final Deque<Pending> waiting = new ArrayDeque<>();
  private int bytes;
  private boolean full;

  Pending add(int packetId, int size) {
    Pending pending = new Pending(packetId, size);
    waiting.add(pending);
    bytes += size;
    full |= waiting.size() >= MAX_MESSAGES || bytes >= MAX_BYTES;
    return pending;
  }

  /** Notes that a message is stored, and hands over the packet ids that may be acknowledged now. */
  void stored(Pending pending, IntConsumer acknowledge) {
    pending.done = true;
    while (!waiting.isEmpty() && waiting.peek().done) {
      Pending first = waiting.remove();
      bytes -= first.bytes;
      if (first.packetId != 0) {
        acknowledge.accept(first.packetId);
      }
    }
    full &= waiting.size() >= MAX_MESSAGES / 2 || bytes >= MAX_BYTES / 2;
  }

  /** Whether the client must not be read; stays true until the window is below its half. */
  boolean isFull() {
    return full;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
