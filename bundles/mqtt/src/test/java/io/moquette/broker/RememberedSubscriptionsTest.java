package io.moquette.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.moquette.persistence.MemorySubscriptionsRepository;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RememberedSubscriptionsTest {

  private final RememberedSubscriptions subscriptions = new RememberedSubscriptions();

  @BeforeEach
  void start() {
    subscriptions.init(new MemorySubscriptionsRepository());
  }

  private void subscribe(String clientId, String filter, MqttQoS qos) {
    subscriptions.add(new Subscription(clientId, new Topic(filter), qos));
  }

  private List<String> matching(String topic) {
    return subscriptions.match(topic).subscriptions().stream()
        .map(each -> each.getClientId() + " " + each.getRequestedQos().value())
        .sorted()
        .toList();
  }

  @Test
  void aTopicIsLookedUpOnceWhileNobodySubscribes() {
    subscribe("a", "line/+", MqttQoS.AT_LEAST_ONCE);
    assertSame(subscriptions.match("line/1"), subscriptions.match("line/1"));
  }

  @Test
  void whoSubscribesGetsWhatComesNextOnATopicThatWasLookedUpBefore() {
    assertEquals(List.of(), matching("line/1"));
    subscribe("a", "line/#", MqttQoS.AT_LEAST_ONCE);
    assertEquals(List.of("a 1"), matching("line/1"));
    subscribe("b", "line/1", MqttQoS.AT_MOST_ONCE);
    assertEquals(List.of("a 1", "b 0"), matching("line/1"));
  }

  @Test
  void whoUnsubscribesGetsNothingMore() {
    subscribe("a", "line/1", MqttQoS.AT_LEAST_ONCE);
    assertEquals(List.of("a 1"), matching("line/1"));
    subscriptions.removeSubscription(new Topic("line/1"), "a");
    assertEquals(List.of(), matching("line/1"));
  }

  @Test
  void anyNumberOfTopicsOfAnyLengthIsMatched() {
    subscribe("a", "line/#", MqttQoS.AT_LEAST_ONCE);
    for (int i = 0; i < 3_000; i++) {
      assertEquals(List.of("a 1"), matching("line/" + i));
    }
    assertEquals(List.of("a 1"), matching("line/" + "x".repeat(10_000)));
  }
}
