package io.gantry.web.stream;

import java.nio.ByteBuffer;

/** What a client's frames come to, in order. Holds nothing that has to be given back. */
sealed interface Frame {

  /** Some bytes of the stream: frames are passed on in the pieces in which they arrive. */
  record Data(ByteBuffer bytes) implements Frame {}

  /** A question whether we live. */
  record Ping(byte[] payload) implements Frame {}

  /**
   * The client has said all.
   *
   * @param code as the client gave it; 1005 for none
   */
  record Close(int code) implements Frame {}

  /** The client has broken a rule; nothing comes behind it. */
  record Violation(int code, String text) implements Frame {}
}
