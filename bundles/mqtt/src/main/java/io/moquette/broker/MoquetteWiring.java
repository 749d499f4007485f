package io.moquette.broker;

import io.moquette.broker.security.AcceptAllAuthenticator;
import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.moquette.interception.BrokerInterceptor;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.AttributeKey;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/**
 * Puts Moquette's parts together without Moquette's server, which would open its own sockets, load
 * its own stores and report its use to its vendor. Stands in Moquette's package because the
 * constructors of those parts are visible only here. Everything, the constructor apart, is called
 * on the one event loop.
 */
public final class MoquetteWiring {

  /** Under this name Moquette's handler keeps the connection of a channel. */
  private static final AttributeKey<Object> CONNECTION = AttributeKey.valueOf("connection");

  private static final boolean ANONYMOUS = true;
  private static final boolean EMPTY_CLIENT_ID = false;
  private static final boolean REAUTHORIZE = false;
  private static final int NO_FLUSH = -1;

  private final RememberedSubscriptions directory = new RememberedSubscriptions();
  private final BrokerInterceptor interceptor = new BrokerInterceptor(List.of());
  private final ISessionsRepository sessionData;
  private final SessionRegistry sessions;
  private final LocalPostOffice postOffice;
  private final NewNettyMQTTHandler handler;

  /**
   * Reads what the repositories hold.
   *
   * @param loop the one event loop; also cleans up sessions that nobody came back to
   * @param sessionExpirySeconds how long a session without a connection is kept
   * @param isDurable whether a client gets messages of QoS 1 and 2 from the store, not from here
   * @param canTake whether a client gets a message of QoS 0 now, or never
   */
  public MoquetteWiring(
      ScheduledExecutorService loop,
      String loopName,
      Clock clock,
      int sessionExpirySeconds,
      ISessionsRepository sessionData,
      ISubscriptionsRepository subscriptions,
      IQueueRepository queues,
      IRetainedRepository retained,
      Predicate<String> isDurable,
      Predicate<String> canTake) {
    this.sessionData = sessionData;
    directory.init(subscriptions);
    LoopSessions loops = new LoopSessions(interceptor, loopName);
    Authorizator authorizator = new Authorizator(new PermitAllAuthorizatorPolicy());
    sessions =
        new SessionRegistry(
            directory, sessionData, queues, authorizator, loop, clock, sessionExpirySeconds, loops);
    postOffice =
        new LocalPostOffice(
            directory, retained, sessions, interceptor, authorizator, loops, isDurable, canTake);
    BrokerConfiguration configuration =
        new BrokerConfiguration(ANONYMOUS, EMPTY_CLIENT_ID, REAUTHORIZE, NO_FLUSH);
    handler =
        new NewNettyMQTTHandler(
            new MQTTConnectionFactory(
                configuration, new AcceptAllAuthenticator(), sessions, postOffice));
  }

  /** The last handler of every pipeline. */
  public ChannelInboundHandler handler() {
    return handler;
  }

  /** Finds who gets a message. */
  public Recipients match(String topic, MqttQoS qos) {
    return postOffice.match(topic, qos);
  }

  /** Hands a message to those whose sessions are in memory. The payload stays the caller's. */
  public void publish(Recipients recipients, MqttQoS qos, ByteBuf payload) {
    postOffice.publish(recipients, qos, payload);
  }

  /** The next packet id of a connection that has been accepted: Moquette's own counter. */
  public int nextPacketId(Channel channel) {
    return ((MQTTConnection) channel.attr(CONNECTION).get()).nextPacketId();
  }

  /** Removes subscriptions of a client. */
  public void unsubscribe(String clientId, Collection<String> filters) {
    filters.forEach(filter -> directory.removeSubscription(new Topic(filter), clientId));
  }

  /** Forgets a session with all that waits for it; its subscriptions go by the repository. */
  public void forget(String clientId) {
    Session session = sessions.retrieve(clientId);
    if (session != null) {
      if (!session.disconnected()) {
        session.closeImmediately();
      }
      sessions.remove(clientId);
      sessionData.delete(session.getSessionData());
    }
  }

  /** Lets go of what the parts hold. Call before the event loop is stopped. */
  public void close() {
    sessions.close();
    interceptor.stop();
  }
}
