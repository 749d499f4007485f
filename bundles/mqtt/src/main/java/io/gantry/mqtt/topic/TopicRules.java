package io.gantry.mqtt.topic;

/**
 * What may stand in a topic and in a filter (MQTT 3.1.1, section 4.7), and a bound of the depth:
 * the subscription tree walks them recursively.
 */
public final class TopicRules {

  /** Most levels of a topic. */
  public static final int MAX_LEVELS = 64;

  private TopicRules() {}

  /** Whether a message may be published there. */
  public static boolean isTopic(String topic) {
    return isText(topic) && topic.indexOf('#') < 0 && topic.indexOf('+') < 0;
  }

  /** Whether it may be subscribed to. */
  public static boolean isFilter(String filter) {
    if (!isText(filter)) {
      return false;
    }
    String[] levels = filter.split("/", -1);
    for (int i = 0; i < levels.length; i++) {
      String level = levels[i];
      boolean last = i == levels.length - 1;
      if (level.indexOf('#') >= 0 && !(last && level.equals("#"))) {
        return false;
      }
      if (level.indexOf('+') >= 0 && !level.equals("+")) {
        return false;
      }
    }
    return true;
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
    return levels <= MAX_LEVELS;
  }

  /** Whether a client may be called this: 1 to 257 characters, none of them a control. */
  public static boolean isClientId(String id) {
    return !id.isEmpty() && id.length() <= 257 && id.chars().noneMatch(Character::isISOControl);
  }

  /** Whether a filter matches a topic (MQTT 3.1.1, 4.7.1); both valid. */
  public static boolean matches(String filter, String topic) {
    String[] wanted = filter.split("/", -1);
    String[] levels = topic.split("/", -1);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true;
      }
      if (i >= levels.length || !wanted[i].equals("+") && !wanted[i].equals(levels[i])) {
        return false;
      }
    }
    return wanted.length == levels.length;
  }
}
