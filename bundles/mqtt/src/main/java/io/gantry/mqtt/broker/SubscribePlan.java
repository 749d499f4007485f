package io.gantry.mqtt.broker;

import io.gantry.mqtt.topic.ClientRights;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.mqtt.topic.TopicRules;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The filters of one SUBSCRIBE, sorted by who serves them.
 *
 * @param codes one for each filter of the packet, in its order: what the gate answers, or {@link
 *     #FREE}
 * @param free what Moquette is asked for
 * @param receivers whose inputs are asked for
 * @param unknown a filter under a reserved prefix that has no meaning
 */
record SubscribePlan(
    MqttSubscribeMessage packet,
    List<Integer> codes,
    List<MqttTopicSubscription> free,
    Map<String, Integer> hubFilters,
    Set<String> receivers,
    Optional<String> unknown) {

  private static final int FREE = -1;
  private static final int FAILURE = 0x80;
  private static final int MAX_FILTERS = 1000;
  private static final int MAX_HUB_FILTERS = 32;

  /** Of all filters of a session together: they are written as one row. */
  private static final int MAX_CHARACTERS = 256 * 1024;

  /**
   * Sorts the filters of a packet.
   *
   * @param present those that the client has subscribed to already
   */
  static SubscribePlan of(MqttSubscribeMessage packet, SessionState present, ClientRights rights) {
    List<Integer> codes = new ArrayList<>();
    List<MqttTopicSubscription> free = new ArrayList<>();
    Map<String, Integer> hubFilters = new LinkedHashMap<>();
    Set<String> receivers = new HashSet<>();
    Optional<String> unknown = Optional.empty();
    Set<String> all = new HashSet<>(present.filters.keySet());
    Set<String> allOfHub = new HashSet<>(present.hubFilters.keySet());
    int characters = characters(all) + characters(allOfHub);
    for (MqttTopicSubscription wanted : packet.payload().topicSubscriptions()) {
      String filter = wanted.topicFilter();
      HubTopic meaning = HubTopic.ofFilter(filter);
      if (meaning instanceof HubTopic.Unknown) {
        unknown = Optional.of(filter);
      } else if (!(meaning instanceof HubTopic.Free)) {
        receiver(meaning).ifPresent(receivers::add);
        boolean oneTooMany =
            characters + filter.length() > MAX_CHARACTERS
                || isOneTooMany(allOfHub, filter, MAX_HUB_FILTERS);
        int qos = Math.min(1, wanted.qualityOfService().value());
        codes.add(oneTooMany ? FAILURE : qos);
        if (!oneTooMany) {
          hubFilters.put(filter, qos);
        }
      } else if (!TopicRules.isFilter(filter)
          || !rights.maySubscribe(filter)
          || characters + filter.length() > MAX_CHARACTERS
          || isOneTooMany(all, filter, MAX_FILTERS)) {
        codes.add(FAILURE);
      } else {
        codes.add(FREE);
        free.add(wanted);
      }
      characters += filter.length();
    }
    return new SubscribePlan(packet, codes, free, hubFilters, receivers, unknown);
  }

  private static int characters(Set<String> filters) {
    return filters.stream().mapToInt(String::length).sum();
  }

  /** Whose messages a filter of the hub names; empty for those that are the same for all. */
  private static Optional<String> receiver(HubTopic meaning) {
    if (meaning instanceof HubTopic.Inputs inputs) {
      return Optional.of(inputs.receiver());
    }
    return meaning instanceof HubTopic.CloudMessages messages
        ? Optional.of(messages.receiver())
        : Optional.empty();
  }

  private static boolean isOneTooMany(Set<String> all, String filter, int most) {
    if (all.size() >= most && !all.contains(filter)) {
      return true;
    }
    all.add(filter);
    return false;
  }

  int packetId() {
    return packet.variableHeader().messageId();
  }

  /** The subscriptions that this packet replaces with another QoS. */
  List<String> replaced(Map<String, MqttQoS> present) {
    return free.stream()
        .filter(
            wanted -> {
              MqttQoS qos = present.get(wanted.topicFilter());
              return qos != null && qos != wanted.qualityOfService();
            })
        .map(MqttTopicSubscription::topicFilter)
        .toList();
  }

  MqttSubscribeMessage forMoquette() {
    return new MqttSubscribeMessage(
        packet.fixedHeader(), packet.variableHeader(), new MqttSubscribePayload(free));
  }

  /** The answer when Moquette is not asked. */
  MqttMessage answer() {
    return Packets.subAck(packetId(), codes);
  }

  /** The answer, with Moquette's filled in. */
  MqttSubAckMessage answer(MqttSubAckMessage ofMoquette) {
    Iterator<Integer> granted = ofMoquette.payload().grantedQoSLevels().iterator();
    List<Integer> all =
        codes.stream()
            .map(code -> code != FREE ? code : granted.hasNext() ? granted.next() : FAILURE)
            .toList();
    return Packets.subAck(packetId(), all);
  }

  /** The same for an UNSUBSCRIBE. */
  record Removal(
      MqttUnsubscribeMessage packet,
      List<String> free,
      List<String> hubFilters,
      Set<String> receivers,
      Optional<String> unknown) {

    MqttUnsubscribeMessage forMoquette() {
      return new MqttUnsubscribeMessage(
          packet.fixedHeader(), packet.variableHeader(), new MqttUnsubscribePayload(free));
    }

    MqttMessage answer() {
      return Packets.unsubAck(packet.variableHeader().messageId());
    }
  }

  static Removal removal(MqttUnsubscribeMessage packet) {
    List<String> free = new ArrayList<>();
    List<String> hubFilters = new ArrayList<>();
    Set<String> receivers = new HashSet<>();
    Optional<String> unknown = Optional.empty();
    for (String filter : packet.payload().topics()) {
      HubTopic meaning = HubTopic.ofFilter(filter);
      if (meaning instanceof HubTopic.Unknown) {
        unknown = Optional.of(filter);
      } else if (!(meaning instanceof HubTopic.Free)) {
        hubFilters.add(filter);
        receiver(meaning).ifPresent(receivers::add);
      } else if (TopicRules.isFilter(filter)) {
        free.add(filter);
      }
    }
    return new Removal(packet, free, hubFilters, receivers, unknown);
  }
}
