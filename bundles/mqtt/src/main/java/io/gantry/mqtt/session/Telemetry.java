package io.gantry.mqtt.session;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.message.SystemProperty;
import io.gantry.mqtt.topic.MalformedBagException;
import io.gantry.mqtt.topic.PropertyBag;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message as the hub takes it.
 *
 * @param output the module output it was sent on
 */
public record Telemetry(Optional<String> output, Message message) {

  /**
   * Makes a message of what stood in a PUBLISH.
   *
   * @param bag the encoded property bag
   * @throws MalformedBagException when the bag cannot be read
   */
  public static Telemetry of(String bag, Payload body) throws MalformedBagException {
    PropertyBag read = PropertyBag.decode(bag);
    Map<String, String> system = new HashMap<>(read.system());
    Optional<String> output = Optional.ofNullable(system.remove(SystemProperty.OUTPUT_NAME));
    return new Telemetry(
        output.filter(name -> !name.isEmpty()), new Message(body, read.properties(), system));
  }

  /**
   * Says in properties what the flags of the PUBLISH said (IoT Hub, "Communicate using MQTT":
   * nothing is retained, RETAIN becomes a property).
   */
  public Telemetry withFlags(boolean retain, boolean dup) {
    if (!retain && !dup) {
      return this;
    }
    Map<String, @Nullable String> properties = new LinkedHashMap<>(message.properties());
    if (retain) {
      properties.put("mqtt-retain", "true");
    }
    if (dup) {
      properties.put("mqtt-dup", "true");
    }
    return new Telemetry(
        output, new Message(message.body(), properties, message.systemProperties()));
  }

  /** Marks the last will of a client, as IoT Edge does. */
  public Telemetry asWill() {
    return new Telemetry(output, message.withProperty("MessageType", "Will"));
  }
}
