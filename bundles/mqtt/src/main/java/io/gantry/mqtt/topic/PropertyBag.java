package io.gantry.mqtt.topic;

import io.gantry.api.message.Message;
import io.gantry.api.message.SystemProperty;
import io.gantry.spi.identity.Percent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a message as they stand at the end of an IoT Hub topic: {@code name=value}
 * pairs, percent-encoded, joined by {@code &} (IoT Hub, "Communicate using MQTT", sending
 * device-to-cloud messages).
 *
 * @param properties application properties; null for a name without {@code =}
 * @param system system properties by their internal names
 */
public record PropertyBag(Map<String, @Nullable String> properties, Map<String, String> system) {

  private static final String PREFIX = "$.";

  /** What the hub sends to clients, in this order. */
  private static final Map<String, String> OUT = new LinkedHashMap<>();

  private static final Map<String, String> IN = new LinkedHashMap<>();

  static {
    OUT.put(SystemProperty.CONNECTION_DEVICE_ID, "$.cdid");
    OUT.put(SystemProperty.CONNECTION_MODULE_ID, "$.cmid");
    OUT.put(SystemProperty.MESSAGE_ID, "$.mid");
    OUT.put(SystemProperty.CORRELATION_ID, "$.cid");
    OUT.put(SystemProperty.USER_ID, "$.uid");
    OUT.put(SystemProperty.TO, "$.to");
    OUT.put(SystemProperty.EXPIRY_TIME, "$.exp");
    OUT.put(SystemProperty.CONTENT_TYPE, "$.ct");
    OUT.put(SystemProperty.CONTENT_ENCODING, "$.ce");
    OUT.put(SystemProperty.CREATION_TIME, "$.ctime");
    OUT.put(SystemProperty.MESSAGE_SCHEMA, "$.schema");
    OUT.put(SystemProperty.COMPONENT_NAME, "$.sub");
    OUT.put("ack", "ack");
    OUT.put("operation", "iothub-operation");
    OUT.forEach((internal, wire) -> IN.put(wire, internal));
    // The sender says who it is by logging in: from a client these two are ordinary properties.
    IN.remove("$.cdid");
    IN.remove("$.cmid");
    IN.put("$.on", SystemProperty.OUTPUT_NAME);
    IN.put("$.ifid", "iothub-interface-id");
    IN.put("iothub-ack", "ack");
  }

  /**
   * Reads a bag.
   *
   * @throws MalformedBagException when a property has no name or is given twice
   */
  public static PropertyBag decode(String bag) throws MalformedBagException {
    if (bag.isEmpty()) {
      return new PropertyBag(Map.of(), Map.of());
    }
    Map<String, @Nullable String> properties = new LinkedHashMap<>();
    Map<String, String> system = new LinkedHashMap<>();
    for (String pair : bag.split("&")) {
      if (!pair.isEmpty()) {
        decodePair(pair, properties, system);
      }
    }
    return new PropertyBag(properties, system);
  }

  private static void decodePair(
      String pair, Map<String, @Nullable String> properties, Map<String, String> system)
      throws MalformedBagException {
    int equals = pair.indexOf('=');
    String name = Percent.decode(equals < 0 ? pair : pair.substring(0, equals));
    String value = equals < 0 ? null : Percent.decode(pair.substring(equals + 1));
    if (name.isEmpty()) {
      throw new MalformedBagException("property bag: a property without a name");
    }
    String internal = IN.get(name);
    boolean twice = internal == null ? properties.containsKey(name) : system.containsKey(internal);
    if (twice) {
      throw new MalformedBagException("property bag: '" + name + "' is given twice");
    }
    if (internal == null) {
      properties.put(name, value);
    } else if (value != null) {
      system.put(internal, value);
    }
  }

  /**
   * Writes the bag of a message for a client. System properties come first, with {@code %24},
   * because Azure's Java SDK takes the first {@code %24} for the start of the bag; empty values are
   * left out, because the same SDK dies of them; and so are application properties that bear a name
   * of ours: of two the SDK believes the last, which a sender wrote to pass for another.
   */
  public static String encode(Message message) {
    StringBuilder out = new StringBuilder(128);
    OUT.forEach(
        (internal, wire) -> {
          if (wire.startsWith(PREFIX)) {
            append(out, wire, message.systemProperties().get(internal));
          }
        });
    OUT.forEach(
        (internal, wire) -> {
          if (!wire.startsWith(PREFIX)) {
            append(out, wire, message.systemProperties().get(internal));
          }
        });
    message
        .properties()
        .forEach(
            (name, value) -> {
              if (!OUT.containsValue(name)) {
                append(out, name, value);
              }
            });
    return out.toString();
  }

  private static void append(StringBuilder out, String name, @Nullable String value) {
    if (value == null || value.isEmpty() || name.isEmpty()) {
      return;
    }
    if (out.length() > 0) {
      out.append('&');
    }
    Percent.encode(name, out);
    out.append('=');
    Percent.encode(value, out);
  }
}
