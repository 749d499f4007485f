package io.gantry.api.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The immutable bytes of a message body. Safe to share between threads; {@code toString} shows the
 * length and never the content.
 */
public final class Payload {

  /** A body of no bytes. */
  public static final Payload EMPTY = new Payload(new byte[0]);

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies the given bytes. */
  public static Payload copyOf(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Payload(bytes.clone());
  }

  /** Copies what remains in the buffer and leaves its position alone. */
  public static Payload copyOf(ByteBuffer buffer) {
    if (!buffer.hasRemaining()) {
      return EMPTY;
    }
    byte[] copy = new byte[buffer.remaining()];
    buffer.duplicate().get(copy);
    return new Payload(copy);
  }

  /** The text in UTF-8. */
  public static Payload ofText(String text) {
    return wrap(requireNonNull(text).getBytes(UTF_8));
  }

  /**
   * Takes the array without copying it. The caller hands the array over: who changes it afterwards
   * breaks the promise of this class.
   */
  public static Payload wrap(byte[] bytes) {
    return requireNonNull(bytes).length == 0 ? EMPTY : new Payload(bytes);
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** A fresh copy of the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** A read-only view of the bytes; nothing is copied. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** Copies all bytes into the buffer, which must have room for {@link #size()} more. */
  public void writeTo(ByteBuffer target) {
    target.put(bytes);
  }

  /** The bytes read as UTF-8; what is not UTF-8 becomes the replacement character. */
  public String asText() {
    return new String(bytes, UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload payload && Arrays.equals(bytes, payload.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Payload[" + bytes.length + " bytes]";
  }
}
