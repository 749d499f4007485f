package io.moquette.broker;

import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import java.util.List;

/** Who gets a message on a topic; found once, and good as long as nobody subscribes. */
public final class Recipients {

  private final Topic topic;
  private final List<Subscription> subscriptions;
  private final List<String> durable;

  Recipients(Topic topic, List<Subscription> subscriptions, List<String> durable) {
    this.topic = topic;
    this.subscriptions = subscriptions;
    this.durable = durable;
  }

  Topic topic() {
    return topic;
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }

  /** The clients whose sessions get it from the store. */
  public List<String> durable() {
    return durable;
  }
}
