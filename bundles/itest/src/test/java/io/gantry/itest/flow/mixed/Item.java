package io.gantry.itest.flow.mixed;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One message, known by its sender and its number among the sender's messages, which begin with 0.
 */
public record Item(String sender, int number) {

  /** What it is to the routes. */
  public Kind kind() {
    return Kind.of(number);
  }

  /** The application properties it is sent with. */
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("sender", sender);
    properties.put("number", Integer.toString(number));
    properties.put("kind", kind().label());
    return properties;
  }

  /** The body it is sent with; warm enough for the filter. */
  public String body() {
    return "{\"sender\":\""
        + sender
        + "\",\"number\":"
        + number
        + ",\"kind\":\""
        + kind().label()
        + "\",\"temperature\":30}";
  }

  /**
   * Recognizes a message that arrived.
   *
   * @param properties its application properties, others than ours among them
   * @throws IllegalArgumentException when it is not as it was sent
   */
  public static Item of(Map<String, String> properties, String body) {
    Item item =
        new Item(
            properties.getOrDefault("sender", ""),
            Integer.parseInt(properties.getOrDefault("number", "")));
    if (!properties.entrySet().containsAll(item.properties().entrySet())
        || !body.equals(item.body())) {
      throw new IllegalArgumentException(item + " arrived as " + properties + " " + body);
    }
    return item;
  }
}
