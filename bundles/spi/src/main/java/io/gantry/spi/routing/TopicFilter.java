package io.gantry.spi.routing;

/**
 * A filter of topics of the local broker (MQTT 3.1.1, section 4.7).
 *
 * @param text levels between slashes, of which {@code +} stands for any one and {@code #} at the
 *     end for all that follow
 */
public record TopicFilter(String text) {

  /** Most levels of a filter and of a topic. */
  public static final int MOST_LEVELS = 64;

  public TopicFilter {
    if (!isValid(text)) {
      throw new IllegalArgumentException(
          "topic filter: expected + as a whole level and # as the last one, found '" + text + "'");
    }
  }

  /** Whether wildcards stand where they may. */
  public static boolean isValid(String text) {
    String[] levels = text.split("/", -1);
    if (text.isEmpty() || levels.length > MOST_LEVELS) {
      return false;
    }
    for (int i = 0; i < levels.length; i++) {
      String level = levels[i];
      boolean wildcard = level.equals("+") || level.equals("#") && i == levels.length - 1;
      if (!wildcard && (level.indexOf('#') >= 0 || level.indexOf('+') >= 0)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether it matches a topic; a wildcard in front matches none that begins with a dollar sign.
   */
  public boolean matches(String topic) {
    String[] wanted = text.split("/", -1);
    String[] levels = topic.split("/", -1);
    if (topic.startsWith("$") && !wanted[0].equals(levels[0])) {
      return false;
    }
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
