package io.gantry.mqtt.topic;

import io.gantry.spi.routing.TopicFilter;
import java.util.List;

/** What one client may do on free topics. Immutable. */
public final class ClientRights {

  /** For a client that nobody asked who it is: everything. */
  public static final ClientRights ALL =
      new ClientRights(List.of(new TopicFilter("#")), List.of("#"));

  private static final String BELOW = "/#";
  private static final String EVERYTHING = "#";

  private final List<TopicFilter> publish;
  private final List<String> subscribe;

  ClientRights(List<TopicFilter> publish, List<String> subscribe) {
    this.publish = List.copyOf(publish);
    this.subscribe = List.copyOf(subscribe);
  }

  /** Whether it may publish on a topic. */
  public boolean mayPublish(String topic) {
    for (TopicFilter filter : publish) {
      if (matches(filter, topic)) {
        return true;
      }
    }
    return false;
  }

  /** Most rules permit a subtree, or everything: for those, nothing is taken apart. */
  private static boolean matches(TopicFilter filter, String topic) {
    String text = filter.text();
    if (text.equals(EVERYTHING)) {
      return !topic.startsWith("$");
    }
    boolean subtree = text.endsWith(BELOW) && text.indexOf('+') < 0;
    if (!subtree) {
      return filter.matches(topic);
    }
    int length = text.length() - BELOW.length();
    return topic.regionMatches(0, text, 0, length)
        && (topic.length() == length || topic.charAt(length) == '/');
  }

  /** Whether it may subscribe to a filter: whatever that matches, one permitted one does. */
  public boolean maySubscribe(String filter) {
    for (String permitted : subscribe) {
      if (covers(permitted.split("/", -1), filter.split("/", -1))) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(String[] permitted, String[] asked) {
    for (int i = 0; i < permitted.length; i++) {
      if (permitted[i].equals("#")) {
        return true;
      }
      if (i >= asked.length) {
        return false;
      }
      boolean same = permitted[i].equals(asked[i]);
      boolean one = permitted[i].equals("+") && !asked[i].equals("#");
      if (!same && !one) {
        return false;
      }
    }
    return permitted.length == asked.length;
  }
}
