package io.gantry.spi.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one binary form of a message in the store: version (1 byte), enqueued time (milliseconds),
 * source, device id, module id or none, application properties, system properties, body. Texts are
 * UTF-8 with their length in front; a length of -1 means no value.
 */
public final class MessageCodec {

  private static final byte VERSION = 1;

  private MessageCodec() {}

  /** The bytes of a message. */
  public static byte[] encode(RoutedMessage routed) {
    Message message = routed.message();
    RecordBuilder out = new RecordBuilder(size(routed));
    out.putByte(VERSION);
    out.putLong(routed.enqueuedTime().toEpochMilli());
    out.putText(routed.source());
    out.putText(routed.sender().deviceId());
    out.putText(routed.sender() instanceof ModuleIdentity module ? module.moduleId() : null);
    putMap(out, message.properties());
    putMap(out, message.systemProperties());
    out.putBody(message.body());
    return out.toBytes();
  }

  /** The number of bytes, unless some text is not ASCII: then it is a little more. */
  private static int size(RoutedMessage routed) {
    Message message = routed.message();
    int texts = 3 + 2 * (message.properties().size() + message.systemProperties().size());
    return Byte.BYTES
        + Long.BYTES
        + 2 * Integer.BYTES
        + texts * Integer.BYTES
        + routed.source().length()
        + routed.sender().deviceId().length()
        + (routed.sender() instanceof ModuleIdentity module ? module.moduleId().length() : 0)
        + message.size();
  }

  private static void putMap(RecordBuilder out, Map<String, ? extends @Nullable String> map) {
    out.putInt(map.size());
    map.forEach(
        (name, value) -> {
          out.putText(name);
          out.putText(value);
        });
  }

  /**
   * The message of some bytes.
   *
   * @throws IOException when they are none, or were written by a newer version
   */
  public static RoutedMessage decode(byte[] record) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(record);
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new IOException("Message record: expected version " + VERSION + ", found " + version);
      }
      Instant enqueued = Instant.ofEpochMilli(in.getLong());
      String source = required(in);
      String device = required(in);
      String module = text(in);
      Map<String, @Nullable String> properties = map(in);
      Map<String, String> system = systemMap(in);
      Payload body = Payload.wrap(Arrays.copyOfRange(record, in.position(), record.length));
      Identity sender =
          module == null ? new DeviceIdentity(device) : new ModuleIdentity(device, module);
      return new RoutedMessage(source, sender, enqueued, new Message(body, properties, system));
    } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException damaged) {
      throw new IOException("Message record of " + record.length + " bytes is damaged", damaged);
    }
  }

  private static Map<String, @Nullable String> map(ByteBuffer in) throws IOException {
    int count = in.getInt();
    Map<String, @Nullable String> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      map.put(required(in), text(in));
    }
    return map;
  }

  private static Map<String, String> systemMap(ByteBuffer in) throws IOException {
    int count = in.getInt();
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      map.put(required(in), required(in));
    }
    return map;
  }

  private static String required(ByteBuffer in) throws IOException {
    String text = text(in);
    if (text == null) {
      throw new IOException("Message record: expected a text, found none");
    }
    return text;
  }

  private static @Nullable String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0) {
      return null;
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    int start = in.position();
    in.position(start + length);
    String common = CommonTexts.find(in.array(), start, length);
    return common != null ? common : new String(in.array(), start, length, UTF_8);
  }
}
