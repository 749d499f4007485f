package io.gantry.api.message;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message: a body, the application properties its sender chose, and the system properties that
 * IoT Hub defines ({@link SystemProperty}). Immutable and safe to share between threads; the {@code
 * with} methods return a changed copy.
 *
 * @param body the bytes of the body, at most 256 KiB together with all properties
 * @param properties application properties in the order they were set. A value may be null: a
 *     property that has a name and no value, as {@code name} without {@code =} in an MQTT property
 *     bag
 * @param systemProperties system properties by their IoT Hub names; never null values
 */
public record Message(
    Payload body, Map<String, @Nullable String> properties, Map<String, String> systemProperties) {

  private static final String JSON = "application/json";
  private static final String UTF_8 = "utf-8";

  public Message {
    requireNonNull(body);
    properties = frozen(properties);
    systemProperties = frozen(systemProperties);
    systemProperties.forEach((name, value) -> requireNonNull(value, name));
  }

  /** A message with the given body and no properties. */
  public static Message of(Payload body) {
    return new Message(body, Map.of(), Map.of());
  }

  /**
   * A message whose body is the given JSON text, marked as {@code application/json} in {@code
   * utf-8} so that routes can look into it. The text is not checked.
   */
  public static Message json(String json) {
    return of(Payload.ofText(json))
        .withSystemProperty(SystemProperty.CONTENT_TYPE, JSON)
        .withSystemProperty(SystemProperty.CONTENT_ENCODING, UTF_8);
  }

  /** The value of an application property; empty when absent or without a value. */
  public Optional<String> property(String name) {
    return Optional.ofNullable(properties.get(name));
  }

  /** The value of a system property; empty when absent. */
  public Optional<String> systemProperty(String name) {
    return Optional.ofNullable(systemProperties.get(name));
  }

  /** This message with another body. */
  public Message withBody(Payload newBody) {
    return new Message(newBody, properties, systemProperties);
  }

  /** This message with one application property set or replaced. */
  public Message withProperty(String name, @Nullable String value) {
    return new Message(body, with(properties, name, value), systemProperties);
  }

  /** This message with one system property set or replaced. */
  public Message withSystemProperty(String name, String value) {
    return new Message(body, properties, with(systemProperties, name, requireNonNull(value)));
  }

  /**
   * The size that counts against the message limit: body, and names and values of all properties in
   * characters (IoT Edge hub counts the same way).
   */
  public int size() {
    return body.size() + size(properties) + size(systemProperties);
  }

  private static int size(Map<String, ? extends @Nullable String> map) {
    if (map.isEmpty()) {
      return 0;
    }
    int size = 0;
    for (Map.Entry<String, ? extends @Nullable String> entry : map.entrySet()) {
      String value = entry.getValue();
      size += entry.getKey().length() + (value == null ? 0 : value.length());
    }
    return size;
  }

  private static <V extends @Nullable String> Map<String, V> frozen(Map<String, V> map) {
    if (map instanceof FewProperties) {
      return map;
    }
    if (map.isEmpty()) {
      return Map.of();
    }
    if (map.size() <= FewProperties.MOST) {
      return new FewProperties<>(map);
    }
    Map<String, V> copy = new LinkedHashMap<>(map);
    copy.keySet().forEach(name -> requireNonNull(name, "property name"));
    return Collections.unmodifiableMap(copy);
  }

  private static <V extends @Nullable String> Map<String, V> with(
      Map<String, V> map, String name, V value) {
    Map<String, V> copy = new LinkedHashMap<>(map);
    copy.put(requireNonNull(name), value);
    return copy;
  }
}
