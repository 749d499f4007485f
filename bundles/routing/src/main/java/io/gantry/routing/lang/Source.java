package io.gantry.routing.lang;

import io.gantry.spi.routing.TopicFilter;
import java.util.Locale;

/** What {@code FROM} names. */
public sealed interface Source {

  /** The beginning of the sources that stand for topics of the local broker. */
  String TOPICS = "/topics/";

  /** Changes of reported properties. */
  Source TWIN_CHANGES = new Path("/twinchangenotifications");

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

  /** Messages that clients publish on topics of the local broker. */
  record Topics(TopicFilter filter) implements Source {
    @Override
    public boolean takes(String source) {
      return source.startsWith(TOPICS) && filter.matches(source.substring(TOPICS.length()));
    }

    @Override
    public String text() {
      return TOPICS + filter.text();
    }
  }
}
