package io.gantry.mqtt.topic;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import java.util.Optional;

/** What a topic or a topic filter means to the hub. */
public sealed interface HubTopic {

  /** None of the hub's: a free topic. */
  record Free() implements HubTopic {}

  /** Under a prefix of the hub, and without a meaning there. */
  record Unknown() implements HubTopic {}

  /**
   * Telemetry.
   *
   * @param sender the id in the topic, {@code device} or {@code device/module}, unchecked
   * @param bag the property bag, still encoded
   */
  record Telemetry(String sender, String bag) implements HubTopic {}

  /**
   * The messages of a module's inputs.
   *
   * @param receiver {@code device/module}, unchecked
   */
  record Inputs(String receiver) implements HubTopic {}

  /** Reads the topic of a PUBLISH. */
  static HubTopic ofPublish(String topic) {
    if (!isReserved(topic)) {
      return new Free();
    }
    if (!topic.startsWith("devices/")) {
      return new Unknown();
    }
    String[] parts = topic.split("/", -1);
    if (isEvents(parts, 2)) {
      return new Telemetry(parts[1], bag(topic, parts, 4));
    }
    if (parts.length >= 6 && parts[2].equals("modules") && isEvents(parts, 4)) {
      return new Telemetry(parts[1] + "/" + parts[3], bag(topic, parts, 6));
    }
    return new Unknown();
  }

  private static boolean isEvents(String[] parts, int at) {
    return parts.length >= at + 2 && parts[at].equals("messages") && parts[at + 1].equals("events");
  }

  /** The rest of the topic, less one slash at its end, which the SDKs add. */
  private static String bag(String topic, String[] parts, int at) {
    int start = 0;
    for (int i = 0; i < at; i++) {
      start += parts[i].length() + 1;
    }
    if (start >= topic.length()) {
      return "";
    }
    return topic.substring(start, topic.endsWith("/") ? topic.length() - 1 : topic.length());
  }

  /** Reads a filter of a SUBSCRIBE or UNSUBSCRIBE. */
  static HubTopic ofFilter(String filter) {
    if (!isReserved(filter)) {
      return new Free();
    }
    String[] parts = filter.split("/", -1);
    boolean inputs =
        parts.length == 5 && parts[4].equals("#")
            || parts.length == 6 && parts[4].equals("inputs") && parts[5].equals("#");
    boolean module = parts[0].equals("devices") && inputs && parts[2].equals("modules");
    return module ? new Inputs(parts[1] + "/" + parts[3]) : new Unknown();
  }

  /** Whether the hub decides about it: nobody else may publish or subscribe there. */
  private static boolean isReserved(String topic) {
    return topic.startsWith("devices/") || topic.equals("devices") || topic.startsWith("$");
  }

  /** The topic under which a message for an input is sent to its module. */
  static String ofInput(ModuleIdentity module, String input, Message message) {
    StringBuilder topic = new StringBuilder(96);
    topic.append("devices/").append(module.deviceId());
    topic.append("/modules/").append(module.moduleId()).append("/inputs/").append(input);
    return topic.append('/').append(PropertyBag.encode(message)).toString();
  }

  /** The identity that an MQTT client id stands for; empty when it is none of the hub's. */
  static Optional<Identity> identity(String clientId) {
    String[] parts = clientId.split("/", -1);
    try {
      return switch (parts.length) {
        case 1 -> Optional.of(new DeviceIdentity(clientId));
        case 2 -> Optional.of(new ModuleIdentity(parts[0], parts[1]));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException notAnIdentity) {
      return Optional.empty();
    }
  }

  /**
   * The client id that a user name of IoT Hub's form claims: {@code
   * host/device[/module]/?api-version=...}; empty for any other user name.
   */
  static Optional<String> claimedBy(String userName) {
    int query = userName.indexOf("api-version=");
    int host = userName.indexOf('/');
    int end = query < 0 ? -1 : userName.lastIndexOf('/', query);
    if (host <= 0 || end <= host) {
      return Optional.empty();
    }
    return Optional.of(Percent.decode(userName.substring(host + 1, end)));
  }
}
