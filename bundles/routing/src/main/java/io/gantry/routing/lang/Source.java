package io.gantry.routing.lang;

import java.util.Locale;

/** What {@code FROM} names. */
public sealed interface Source {

  /** The beginning of the sources that stand for topics of the local broker. */
  String TOPICS = "/topics/";

  /** Whether a message that comes from there is meant. */
  boolean takes(String source);

  /** As an operator reads it. */
  String text();

  /**
   * Messages of devices, modules and twins: everything at or below a path, without regard to case.
   *
   * @param prefix in lower case, without slash at the end; empty for everything
   */
  record Path(String prefix) implements Source {
    @Override
    public boolean takes(String source) {
      String lower = source.toLowerCase(Locale.ROOT);
      return lower.startsWith(prefix)
          && (lower.length() == prefix.length() || lower.charAt(prefix.length()) == '/')
          && !source.startsWith(TOPICS);
    }

    @Override
    public String text() {
      return prefix.isEmpty() ? "/" : prefix;
    }
  }

  /**
   * Messages that clients publish on topics of the local broker.
   *
   * @param filter of MQTT (MQTT 3.1.1, section 4.7), with regard to case
   */
  record Topics(String filter) implements Source {
    @Override
    public boolean takes(String source) {
      return source.startsWith(TOPICS) && matches(source.substring(TOPICS.length()));
    }

    /** Whether the filter matches a topic. */
    public boolean matches(String topic) {
      String[] wanted = filter.split("/", -1);
      String[] levels = topic.split("/", -1);
      if (levels[0].startsWith("$") && !wanted[0].equals(levels[0])) {
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

    @Override
    public String text() {
      return TOPICS + filter;
    }
  }
}
