package io.gantry.spi.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.message.Payload;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes that grow when the estimate was too small. */
final class RecordBuilder {

  private ByteBuffer out;

  RecordBuilder(int estimate) {
    out = ByteBuffer.allocate(estimate);
  }

  void putByte(byte value) {
    room(Byte.BYTES).put(value);
  }

  void putInt(int value) {
    room(Integer.BYTES).putInt(value);
  }

  void putLong(long value) {
    room(Long.BYTES).putLong(value);
  }

  void putText(@Nullable String text) {
    if (text == null) {
      putInt(-1);
      return;
    }
    byte[] bytes = text.getBytes(UTF_8);
    room(Integer.BYTES + bytes.length).putInt(bytes.length).put(bytes);
  }

  void putBody(Payload body) {
    body.writeTo(room(body.size()));
  }

  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      ByteBuffer larger = ByteBuffer.allocate((out.capacity() + bytes) * 2);
      out = larger.put(out.flip());
    }
    return out;
  }

  /** What was put; nothing may be put afterwards. */
  byte[] toBytes() {
    return out.hasRemaining() ? Arrays.copyOf(out.array(), out.position()) : out.array();
  }
}
