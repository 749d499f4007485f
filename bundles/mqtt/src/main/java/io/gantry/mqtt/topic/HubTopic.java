package io.gantry.mqtt.topic;

import io.gantry.api.message.Message;
import io.gantry.spi.identity.DeviceIdentity;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.identity.Percent;
import java.util.Optional;

/** What a topic or a topic filter means to the hub. */
public sealed interface HubTopic {

  /** What begins with it belongs to the client that uses it, whoever that is. */
  String OWN = "$iothub/";

  /** Parts of those topics. */
  String TWIN_GET = OWN + "twin/GET/";

  /** See above. */
  String TWIN_REPORT = OWN + "twin/PATCH/properties/reported/";

  /** See above. */
  String TWIN_ANSWER = OWN + "twin/res/";

  /** See above. */
  String DESIRED = OWN + "twin/PATCH/properties/desired/";

  /** See above. */
  String METHOD_CALL = OWN + "methods/POST/";

  /** See above. */
  String METHOD_ANSWER = OWN + "methods/res/";

  /** The parameter that ties an answer to its request. */
  String REQUEST_ID = "$rid=";

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

  /**
   * Cloud-to-device messages.
   *
   * @param receiver {@code device} or {@code device/module}, for which there never are any;
   *     unchecked
   */
  record CloudMessages(String receiver) implements HubTopic {}

  /**
   * The client asks for its twin.
   *
   * @param requestId comes back with the answer
   */
  record TwinRequest(String requestId) implements HubTopic {}

  /**
   * The client reports properties.
   *
   * @param requestId comes back with the answer
   */
  record Report(String requestId) implements HubTopic {}

  /** Answers to the two before. */
  record TwinResponses() implements HubTopic {}

  /** Changes of the client's desired properties. */
  record DesiredChanges() implements HubTopic {}

  /** Calls of the client's direct methods. */
  record MethodCalls() implements HubTopic {}

  /**
   * The client's answer to such a call.
   *
   * @param status given by the client; unchecked text
   * @param requestId that of the call
   */
  record MethodAnswer(String status, String requestId) implements HubTopic {}

  /** Reads the topic of a PUBLISH. */
  static HubTopic ofPublish(String topic) {
    if (!isReserved(topic)) {
      return new Free();
    }
    if (topic.startsWith(OWN)) {
      return ofOwn(topic);
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

  /** A topic that is the same for every client: what it is about goes by the connection. */
  private static HubTopic ofOwn(String topic) {
    Optional<String> requestId = requestId(topic);
    if (requestId.isEmpty()) {
      return new Unknown();
    }
    String path = topic.substring(0, topic.indexOf('?'));
    String[] answer = path.split("/", -1);
    if (path.equals(TWIN_GET)) {
      return new TwinRequest(requestId.get());
    } else if (path.equals(TWIN_REPORT)) {
      return new Report(requestId.get());
    } else if (path.startsWith(METHOD_ANSWER) && answer.length == 5 && answer[4].isEmpty()) {
      return new MethodAnswer(answer[3], requestId.get());
    }
    return new Unknown();
  }

  private static Optional<String> requestId(String topic) {
    int query = topic.indexOf('?');
    if (query < 0) {
      return Optional.empty();
    }
    for (String pair : topic.substring(query + 1).split("&")) {
      if (pair.startsWith(REQUEST_ID) && pair.length() > REQUEST_ID.length()) {
        return Optional.of(pair.substring(REQUEST_ID.length()));
      }
    }
    return Optional.empty();
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
    if (filter.startsWith(METHOD_CALL)) {
      return new MethodCalls();
    } else if (filter.equals(TWIN_ANSWER + "#")) {
      return new TwinResponses();
    } else if (filter.startsWith(DESIRED)) {
      return new DesiredChanges();
    }
    String[] parts = filter.split("/", -1);
    if (!parts[0].equals("devices") || !parts[parts.length - 1].equals("#")) {
      return new Unknown();
    }
    if (parts.length == 5 && parts[2].equals("messages") && parts[3].equals("devicebound")) {
      return new CloudMessages(parts[1]);
    }
    if (parts.length == 7 && parts[4].equals("messages") && parts[5].equals("devicebound")) {
      return parts[2].equals("modules")
          ? new CloudMessages(parts[1] + "/" + parts[3])
          : new Unknown();
    }
    boolean inputs = parts.length == 5 || parts.length == 6 && parts[4].equals("inputs");
    return inputs && parts[2].equals("modules")
        ? new Inputs(parts[1] + "/" + parts[3])
        : new Unknown();
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

  /** The topic under which a cloud-to-device message is sent to its device. */
  static String ofCloudMessage(String deviceId, Message message) {
    return "devices/" + deviceId + "/messages/devicebound/" + PropertyBag.encode(message);
  }

  /** The topic of the answer to a request about the twin. */
  static String ofTwinResponse(int status, String requestId, Optional<Long> version) {
    return TWIN_ANSWER
        + status
        + "/?"
        + REQUEST_ID
        + requestId
        + version.map(number -> "&$version=" + number).orElse("");
  }

  /** The topic of a change of desired properties. Azure's Java SDK reads the version from it. */
  static String ofDesiredChange(long version) {
    return DESIRED + "?$version=" + version;
  }

  /** The topic of a call of a direct method. */
  static String ofMethodCall(String name, String requestId) {
    StringBuilder topic = new StringBuilder(METHOD_CALL);
    Percent.encode(name, topic);
    // Azure's Java SDK needs the slash before the question mark.
    return topic.append("/?").append(REQUEST_ID).append(requestId).toString();
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
}
