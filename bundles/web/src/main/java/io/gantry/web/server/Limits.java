package io.gantry.web.server;

import java.time.Duration;

/** The bounds of the server. */
final class Limits {

  /** For the TLS handshake and the head of the first request. */
  static final Duration FIRST_HEAD = Duration.ofSeconds(30);

  /** Between an answer and the head of the next request. */
  static final Duration IDLE = Duration.ofSeconds(120);

  /** From the head of a request to its end. */
  static final Duration BODY = Duration.ofSeconds(30);

  /** For a client that is told no to read that, while it still sends. */
  static final Duration LINGER = Duration.ofSeconds(5);

  static final int MAX_LINE = 4096;
  static final int MAX_HEADERS = 8192;
  static final int MAX_PIECE = 8192;

  /** Parts of requests that wait for the answer to the one before. */
  static final int MAX_HELD = 64;

  private Limits() {}
}
