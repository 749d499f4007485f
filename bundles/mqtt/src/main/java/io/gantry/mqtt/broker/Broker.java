package io.gantry.mqtt.broker;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.routing.Hops;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.SendResult;
import io.moquette.broker.MoquetteWiring;
import io.moquette.broker.Recipients;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What all clients of one server share. Used on the event loop, except for the gateway. */
final class Broker implements Backlog.Publishing {

  private final AtomicReference<@Nullable ClientGateway> gateway;
  private final Entrance entrance;
  private final Drops drops;
  private final Map<String, Client> clients = new HashMap<>();
  private @Nullable Executor loop;
  private @Nullable MoquetteWiring wiring;
  private @Nullable Sessions sessions;
  private @Nullable Retained retained;
  private Holder.@Nullable Publisher current;

  Broker(AtomicReference<@Nullable ClientGateway> gateway, Entrance entrance, Drops drops) {
    this.gateway = gateway;
    this.entrance = entrance;
    this.drops = drops;
  }

  /** Completes the broker: its parts need it to be made. */
  void start(
      Executor newLoop, MoquetteWiring newWiring, Sessions newSessions, Retained newRetained) {
    loop = newLoop;
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

  Entrance entrance() {
    return entrance;
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

  /** Whether a message that need not arrive can be sent to a client now; counted when not. */
  boolean canTake(String clientId) {
    Client client = clients.get(clientId);
    if (client == null || !client.isUnwritable()) {
      return true;
    }
    drops.dropped(DropReason.QUEUE_FULL, clientId, "QoS 0, and its connection takes no more");
    return false;
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
  void publishing(Holder.Publisher publisher, Runnable task) {
    current = publisher;
    try {
      task.run();
    } finally {
      current = null;
    }
  }

  @Override
  public Holder.@Nullable Publisher current() {
    return current;
  }

  /** Publishes a will on a free topic, and hands it to the routes that look at it. */
  void publishWill(String topic, MqttQoS qos, boolean retain, byte[] body) {
    publish(topic, qos, body)
        .thenAccept(
            result -> {
              if (result instanceof SendResult.Rejected rejected) {
                drops.dropped(DropReason.STORE_FULL, topic, "will: " + rejected.text());
              }
            });
    if (retain) {
      retain(topic, qos, Unpooled.wrappedBuffer(body), result -> {});
    }
    if (isWanted(topic)) {
      route(topic, Payload.wrap(body), result -> {});
    }
  }

  /** Publishes a message that no client waits for an acknowledgement of; tells what is stored. */
  private CompletionStage<SendResult> publish(String topic, MqttQoS qos, byte[] body) {
    Recipients recipients = wiring().match(topic, qos);
    wiring().publish(recipients, qos, Unpooled.wrappedBuffer(body));
    CompletableFuture<SendResult> stored = new CompletableFuture<>();
    if (recipients.durable().isEmpty()) {
      stored.complete(SendResult.Accepted.INSTANCE);
    } else {
      StoredMessage message = new StoredMessage(topic, qos.value(), false, Payload.wrap(body));
      sessions().store(message, recipients.durable(), null, stored::complete);
    }
    return stored;
  }

  /**
   * Retains a message.
   *
   * @param written is told on the event loop when that is durable, or why it is not
   */
  void retain(String topic, MqttQoS qos, ByteBuf payload, Consumer<SendResult> written) {
    required(retained).retain(topic, qos, payload, written);
  }

  Retained retained() {
    return required(retained);
  }

  /** Whether some route looks at messages on this topic. */
  boolean isWanted(String topic) {
    return gateway().map(hub -> hub.wantsTopic(topic)).orElse(false);
  }

  /**
   * Hands a message on a free topic to the routes.
   *
   * @param answered is told on the event loop what became of it
   */
  void route(String topic, Payload body, Consumer<SendResult> answered) {
    route(topic, Message.of(body))
        .thenAccept(result -> required(loop).execute(() -> answered.accept(result)));
  }

  private CompletionStage<SendResult> route(String topic, Message message) {
    Optional<ClientGateway> hub = gateway();
    if (hub.isEmpty()) {
      return CompletableFuture.completedFuture(
          new SendResult.Rejected(SendResult.Reason.CLOSED, "the hub is not there"));
    }
    return hub.get().publish(topic, message);
  }

  /** A message that a route sends to a topic: to its subscribers, and to routes behind it. */
  CompletionStage<Delivery> deliver(String topic, Message message) {
    CompletionStage<SendResult> stored =
        publish(topic, MqttQoS.AT_LEAST_ONCE, message.body().toBytes());
    if (!isWanted(topic)) {
      return stored.thenApply(Broker::delivery);
    }
    return stored
        .thenCombine(route(topic, Hops.next(message)), Broker::worse)
        .thenApply(Broker::delivery);
  }

  private static SendResult worse(SendResult one, SendResult other) {
    return one instanceof SendResult.Rejected ? one : other;
  }

  private static Delivery delivery(SendResult result) {
    return result instanceof SendResult.Rejected rejected
        ? new Delivery.Retry(rejected.text())
        : Delivery.Accepted.INSTANCE;
  }
}
