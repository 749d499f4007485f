package io.moquette.broker;

import io.moquette.broker.subscriptions.CTrieSubscriptionDirectory;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Remembers who has subscribed to a topic until anybody subscribes or unsubscribes: to take a topic
 * apart and to walk the tree allocates far more than the message, and most clients publish on the
 * same few topics all the time. Bounded in number and length. Used on the event loop only.
 */
final class RememberedSubscriptions extends CTrieSubscriptionDirectory {

  private static final int MOST = 1024;
  private static final int LONGEST = 256;

  /** A topic, and who gets what is published there. */
  record Matching(Topic topic, List<Subscription> subscriptions) {}

  private final Map<String, Matching> known = new HashMap<>();

  /** Finds who gets what is published on a topic. */
  Matching match(String text) {
    Matching found = known.get(text);
    if (found == null) {
      Topic topic = new Topic(text);
      found = new Matching(topic, List.copyOf(matchQosSharpening(topic)));
      remember(text, found);
    }
    return found;
  }

  private void remember(String text, Matching found) {
    if (text.length() > LONGEST) {
      return;
    }
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(text, found);
  }

  @Override
  public void add(Subscription subscription) {
    super.add(subscription);
    known.clear();
  }

  @Override
  public void removeSubscription(Topic filter, String clientId) {
    super.removeSubscription(filter, clientId);
    known.clear();
  }
}
