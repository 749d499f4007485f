package io.gantry.mqtt.broker;

import io.gantry.spi.session.ClientGateway;

/** The bounds of the server. */
public final class Limits {

  /** Largest packet: the largest message, with a topic and a header around it. */
  static final int MAX_PACKET = ClientGateway.MAX_MESSAGE_SIZE + 64 * 1024 + 16;

  /** Packets of one client that wait before it is not read any more. */
  static final int HELD_PACKETS = 64;

  /** Bytes of the same. */
  static final int HELD_BYTES = 256 * 1024;

  /** Packets of a client that must be read on, because others wait for its acknowledgements. */
  static final int HELD_PACKETS_HARD = 16 * 1024;

  /** Bytes of the same. */
  static final int HELD_BYTES_HARD = 4 << 20;

  /** QoS 2 messages of one client that are not yet released by it. */
  static final int UNRELEASED = 128;

  private Limits() {}

  /** So long a client whose message found a full store is not read before it is let go. */
  static final int FULL_PAUSE_SECONDS = 3;

  /**
   * Bounds of what waits for one subscriber.
   *
   * @param messages number of messages
   * @param bytes of their payloads and of what holds them
   */
  public record Backlog(int messages, long bytes) {

    private static final int OVERHEAD = 128;

    public Backlog {
      if (messages < 1 || bytes < 1) {
        throw new IllegalArgumentException(
            "backlog: expected positive bounds, found "
                + messages
                + " messages, "
                + bytes
                + " bytes");
      }
    }

    int overhead() {
      return OVERHEAD;
    }
  }
}
