package io.gantry.mqtt.broker;

import io.gantry.api.message.Payload;
import io.gantry.mqtt.topic.TopicRules;
import io.moquette.broker.RetainedMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import java.util.ArrayList;
import java.util.List;

/**
 * The retained messages that a new subscription of a persistent session brings. Those of QoS 1 and
 * 2 go through its queue, so that no later message overtakes them and none is lost.
 */
record Replay(List<StoredMessage> stored, List<MqttMessage> atMostOnce) {

  static final Replay NONE = new Replay(List.of(), List.of());

  static Replay of(Retained retained, List<MqttTopicSubscription> wanted) {
    List<StoredMessage> stored = new ArrayList<>();
    List<MqttMessage> atMostOnce = new ArrayList<>();
    for (MqttTopicSubscription subscription : wanted) {
      String filter = subscription.topicFilter();
      if (!TopicRules.isFilter(filter)) {
        continue;
      }
      for (RetainedMessage message : retained.matching(filter)) {
        int qos = Math.min(message.qosLevel().value(), subscription.qualityOfService().value());
        StoredMessage copy =
            new StoredMessage(
                message.getTopic().toString(), qos, true, Payload.copyOf(message.getPayload()));
        if (qos == 0) {
          atMostOnce.add(Packets.stored(copy, 0, 0, false));
        } else {
          stored.add(copy);
        }
      }
    }
    return new Replay(List.copyOf(stored), List.copyOf(atMostOnce));
  }
}
