package io.gantry.mqtt.topic;

import io.gantry.spi.routing.TopicFilter;

/**
 * What may stand in a topic and in a filter (MQTT 3.1.1, section 4.7), and a bound of the depth:
 * the subscription tree walks them recursively.
 */
public final class TopicRules {

  private TopicRules() {}

  /** Whether a message may be published there. */
  public static boolean isTopic(String topic) {
    return isText(topic) && topic.indexOf('#') < 0 && topic.indexOf('+') < 0;
  }

  /** Whether it may be subscribed to. */
  public static boolean isFilter(String filter) {
    return isText(filter) && TopicFilter.isValid(filter);
  }

  private static boolean isText(String text) {
    if (text.isEmpty() || text.length() > 65_535) {
      return false;
    }
    int levels = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/') {
        levels++;
      } else if (Character.isISOControl(c) || c == '\uFFFD') {
        return false;
      }
    }
    return levels <= TopicFilter.MOST_LEVELS;
  }

  /** Whether a client may be called this: 1 to 257 characters, none of them a control. */
  public static boolean isClientId(String id) {
    return !id.isEmpty() && id.length() <= 257 && id.chars().noneMatch(Character::isISOControl);
  }
}
