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
    RecordBuilder out = new RecordBuilder(64 + message.size() + 8 * fields(message));
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

  private static int fields(Message message) {
    return message.properties().size() + message.systemProperties().size();
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
      Payload body = Payload.copyOf(in);
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
    String text = new String(in.array(), in.arrayOffset() + in.position(), length, UTF_8);
    in.position(in.position() + length);
    return text;
  }
}
