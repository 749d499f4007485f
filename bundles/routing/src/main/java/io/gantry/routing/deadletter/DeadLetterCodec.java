package io.gantry.routing.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.routing.DeadLetters.DeadLetter;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.routing.RoutedMessage;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * The binary form of a dead letter: version (1 byte), time (milliseconds), number of refusals,
 * endpoint, reason, message. Texts are UTF-8 with their length in front.
 */
final class DeadLetterCodec {

  private static final byte VERSION = 1;
  private static final int FIXED = Byte.BYTES + Long.BYTES + 3 * Integer.BYTES;
  private static final int LONGEST_REASON = 1_000;

  private DeadLetterCodec() {}

  static byte[] encode(
      Instant time, String endpoint, String reason, int refusals, RoutedMessage message) {
    byte[] to = endpoint.getBytes(UTF_8);
    byte[] why = shortened(reason).getBytes(UTF_8);
    byte[] what = MessageCodec.encode(message);
    return ByteBuffer.allocate(FIXED + to.length + why.length + what.length)
        .put(VERSION)
        .putLong(time.toEpochMilli())
        .putInt(refusals)
        .putInt(to.length)
        .put(to)
        .putInt(why.length)
        .put(why)
        .put(what)
        .array();
  }

  private static String shortened(String reason) {
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
  }

  static DeadLetter decode(long sequence, byte[] record) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(record);
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new IOException("Dead letter: expected version " + VERSION + ", found " + version);
      }
      Instant time = Instant.ofEpochMilli(in.getLong());
      int refusals = in.getInt();
      String endpoint = text(in);
      String reason = text(in);
      byte[] message = new byte[in.remaining()];
      in.get(message);
      return new DeadLetter(
          sequence, time, endpoint, reason, refusals, MessageCodec.decode(message));
    } catch (BufferUnderflowException | NegativeArraySizeException damaged) {
      throw new IOException("Dead letter of " + record.length + " bytes is damaged", damaged);
    }
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, UTF_8);
  }
}
