package io.moquette.broker;

import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.moquette.interception.BrokerInterceptor;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fans messages out to the sessions that Moquette keeps in memory. No PUBLISH of a client comes
 * here by Moquette's own way, which acknowledges before anything is stored, acknowledges a message
 * marked as a duplicate without delivering it to anybody (a client that sends again after a lost
 * connection would lose the message), and hands every message to a thread for interceptors that we
 * do not have.
 */
final class LocalPostOffice extends PostOffice {

  private static final Logger LOG = LoggerFactory.getLogger(LocalPostOffice.class);

  private final RememberedSubscriptions subscriptions;
  private final SessionRegistry sessions;
  private final Predicate<String> isDurable;
  private final Predicate<String> canTake;

  LocalPostOffice(
      RememberedSubscriptions subscriptions,
      IRetainedRepository retained,
      SessionRegistry sessions,
      BrokerInterceptor interceptor,
      Authorizator authorizator,
      SessionEventLoopGroup loops,
      Predicate<String> isDurable,
      Predicate<String> canTake) {
    super(subscriptions, retained, sessions, interceptor, authorizator, loops);
    this.subscriptions = subscriptions;
    this.sessions = sessions;
    this.isDurable = isDurable;
    this.canTake = canTake;
  }

  /** Finds who gets a message. */
  Recipients match(String topic, MqttQoS qos) {
    RememberedSubscriptions.Matching found = subscriptions.match(topic);
    return new Recipients(
        found.topic(), found.subscriptions(), durable(found.subscriptions(), qos));
  }

  private List<String> durable(List<Subscription> matching, MqttQoS qos) {
    if (qos == MqttQoS.AT_MOST_ONCE) {
      return List.of();
    }
    List<String> durable = List.of();
    for (Subscription subscription : matching) {
      String clientId = subscription.getClientId();
      if (subscription.getRequestedQos() != MqttQoS.AT_MOST_ONCE && isDurable.test(clientId)) {
        durable = durable.isEmpty() ? new ArrayList<>() : durable;
        durable.add(clientId);
      }
    }
    return durable;
  }

  /**
   * Hands a message to every session in memory that gets it, and to every one that gets it with QoS
   * 0; keeps no reference of its own.
   */
  void publish(Recipients recipients, MqttQoS qos, ByteBuf payload) {
    boolean some = !recipients.durable().isEmpty();
    ByteBuf view = payload.duplicate();
    for (Subscription subscription : recipients.subscriptions()) {
      MqttQoS lower = lowerQosToTheSubscriptionDesired(subscription, qos);
      String clientId = subscription.getClientId();
      if (some && lower != MqttQoS.AT_MOST_ONCE && isDurable.test(clientId)) {
        continue;
      }
      Session session = sessions.retrieve(clientId);
      if (session != null && (lower != MqttQoS.AT_MOST_ONCE || canTake.test(clientId))) {
        deliver(session, recipients.topic(), lower, view);
      }
    }
  }

  /** A session that cannot take the message loses its connection; its neighbours do not notice. */
  private static void deliver(Session session, Topic topic, MqttQoS qos, ByteBuf payload) {
    try {
      session.sendNotRetainedPublishOnSessionAtQos(topic, qos, payload);
    } catch (RuntimeException failure) {
      LOG.warn(
          "session '{}': delivery failed, its connection is closed",
          session.getClientID(),
          failure);
      if (session.connected()) {
        session.closeImmediately();
      }
    }
  }
}
