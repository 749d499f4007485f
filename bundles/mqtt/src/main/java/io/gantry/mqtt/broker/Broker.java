package io.gantry.mqtt.broker;

import io.gantry.spi.metrics.Drops;
import io.gantry.spi.session.ClientGateway;
import io.moquette.broker.MoquetteWiring;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What all clients of one server share. Used on the event loop, except for the gateway. */
final class Broker implements Backlog.Publishing {

  private final AtomicReference<@Nullable ClientGateway> gateway;
  private final Drops drops;
  private final Map<String, Client> clients = new HashMap<>();
  private @Nullable MoquetteWiring wiring;
  private @Nullable Sessions sessions;
  private @Nullable Retained retained;
  private Backlog.@Nullable Publisher current;

  Broker(AtomicReference<@Nullable ClientGateway> gateway, Drops drops) {
    this.gateway = gateway;
    this.drops = drops;
  }

  /** Completes the broker: its parts need it to be made. */
  void start(MoquetteWiring newWiring, Sessions newSessions, Retained newRetained) {
    wiring = newWiring;
    sessions = newSessions;
    retained = newRetained;
    newSessions.onExpired(newWiring::unsubscribe);
  }

  MoquetteWiring wiring() {
    return required(wiring);
  }

  Sessions sessions() {
    return required(sessions);
  }

  Drops drops() {
    return drops;
  }

  Optional<ClientGateway> gateway() {
    return Optional.ofNullable(gateway.get());
  }

  private static <T> T required(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the broker is used before it was started");
    }
    return part;
  }

  /** A client has logged in; whoever had its id loses the connection. */
  void enter(String clientId, Client client) {
    Client former = clients.put(clientId, client);
    if (former != null) {
      former.displaced();
    }
  }

  /** A client is gone; false when another one has taken its id meanwhile. */
  boolean leave(String clientId, Client client) {
    return clients.remove(clientId, client);
  }

  boolean isCurrent(String clientId, Client client) {
    return clients.get(clientId) == client;
  }

  List<Client> clients() {
    return List.copyOf(clients.values());
  }

  /** Forgets the session of a client. */
  void forget(String clientId) {
    wiring().unsubscribe(clientId, List.copyOf(sessions().state(clientId).filters.keySet()));
    wiring().forget(clientId);
    sessions().remove(clientId);
  }

  /** Runs what hands out messages of a publisher, so that full backlogs know whom to hold. */
  void publishing(Backlog.Publisher publisher, Runnable task) {
    current = publisher;
    try {
      task.run();
    } finally {
      current = null;
    }
  }

  @Override
  public Backlog.@Nullable Publisher current() {
    return current;
  }

  /** Publishes a will on a free topic. */
  void publishWill(String topic, MqttQoS qos, boolean retain, byte[] body) {
    ByteBuf payload = Unpooled.wrappedBuffer(body);
    wiring().publish(topic, qos, payload);
    if (retain) {
      required(retained).retain(topic, qos, payload);
    }
  }
}
