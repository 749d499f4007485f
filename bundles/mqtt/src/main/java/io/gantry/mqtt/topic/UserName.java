package io.gantry.mqtt.topic;

import io.gantry.spi.identity.Percent;
import java.util.Optional;

/**
 * The user name of a CONNECT, in one of two forms: {@code host/device[/module]/?api-version=...} as
 * clients of IoT Hub write it ("Communicate with IoT Hub by MQTT"), or just {@code
 * device[/module]}.
 *
 * @param clientId {@code device} or {@code device/module}, unchecked
 * @param azure whether it has the first form
 */
public record UserName(String clientId, boolean azure) {

  private static final String VERSION = "api-version=";

  /** Reads a user name; empty when it has neither form. */
  public static Optional<UserName> parse(String text) {
    int version = text.indexOf(VERSION);
    if (version < 0) {
      return text.indexOf('?') < 0 && HubTopic.identity(text).isPresent()
          ? Optional.of(new UserName(text, false))
          : Optional.empty();
    }
    int end = version + VERSION.length();
    boolean given = end < text.length() && text.charAt(end) != '&';
    int query = text.lastIndexOf('/', version);
    int host = text.indexOf('/');
    if (!given || host <= 0 || query <= host) {
      return Optional.empty();
    }
    String[] ids = text.substring(host + 1, query).split("/", -1);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Percent.decode(ids[i]);
    }
    return ids.length > 2
        ? Optional.empty()
        : Optional.of(new UserName(String.join("/", ids), true));
  }
}
