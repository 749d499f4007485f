package io.moquette.broker;

import io.moquette.broker.subscriptions.ISubscriptionsDirectory;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.moquette.interception.BrokerInterceptor;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fans a message out to the sessions of its subscribers before it is acknowledged. Replaces
 * Moquette's way, which acknowledges a message marked as a duplicate without delivering it to
 * anybody (a client that sends again after a lost connection would lose the message), and which
 * hands every message to a thread for interceptors that we do not have.
 */
final class LocalPostOffice extends PostOffice {

  private static final Logger LOG = LoggerFactory.getLogger(LocalPostOffice.class);

  private final ISubscriptionsDirectory subscriptions;
  private final IRetainedRepository retained;
  private final SessionRegistry sessions;

  LocalPostOffice(
      ISubscriptionsDirectory subscriptions,
      IRetainedRepository retained,
      SessionRegistry sessions,
      BrokerInterceptor interceptor,
      Authorizator authorizator,
      SessionEventLoopGroup loops) {
    super(subscriptions, retained, sessions, interceptor, authorizator, loops);
    this.subscriptions = subscriptions;
    this.retained = retained;
    this.sessions = sessions;
  }

  @Override
  CompletableFuture<Void> receivedPublishQos0(
      Topic topic, String username, String clientId, MqttPublishMessage message) {
    accept(topic, message);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  RoutingResults receivedPublishQos1(
      MQTTConnection connection,
      Topic topic,
      String username,
      int packetId,
      MqttPublishMessage message) {
    accept(topic, message);
    connection.sendPubAck(packetId);
    return done();
  }

  @Override
  RoutingResults receivedPublishQos2(
      MQTTConnection connection, MqttPublishMessage message, String username) {
    int packetId = message.variableHeader().packetId();
    accept(new Topic(message.variableHeader().topicName()), message);
    connection.sendPubRec(packetId);
    return done();
  }

  private static RoutingResults done() {
    return new RoutingResults(List.of(), List.of(), CompletableFuture.completedFuture(null));
  }

  /** Takes over one reference of the message, as the methods it serves must. */
  private void accept(Topic topic, MqttPublishMessage message) {
    try {
      publish(topic, message.fixedHeader().qosLevel(), message.payload());
      if (message.fixedHeader().isRetain()) {
        retained.retain(topic, message);
      }
    } finally {
      message.release();
    }
  }

  /** Hands a message to every session whose filters match; keeps no reference of its own. */
  void publish(Topic topic, MqttQoS qos, ByteBuf payload) {
    ByteBuf view = payload.duplicate();
    for (Subscription subscription : subscriptions.matchQosSharpening(topic)) {
      Session session = sessions.retrieve(subscription.getClientId());
      if (session != null) {
        deliver(session, topic, lowerQosToTheSubscriptionDesired(subscription, qos), view);
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
