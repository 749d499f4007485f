package io.gantry.mqtt.session;

import static java.util.Objects.requireNonNull;

import io.gantry.api.message.Message;
import io.gantry.mqtt.session.AckWindow.Pending;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.spi.identity.Identity;
import io.gantry.spi.identity.ModuleIdentity;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.Delivery;
import io.gantry.spi.session.ClientConnection;
import io.gantry.spi.session.ClientGateway;
import io.gantry.spi.session.ClientSession;
import io.gantry.spi.session.CloseReason;
import io.gantry.spi.session.ConnectionRefusedException;
import io.gantry.spi.session.SendResult;
import io.gantry.spi.session.Subscription;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One client that speaks IoT Hub's dialect: its telemetry on the way to the store and the messages
 * of its inputs on the way to it. Called on the event loop, except the two methods of {@link
 * ClientSession} and the answers of the store, which are gathered here and taken over by the loop
 * once per batch.
 */
public final class HubClient implements ClientSession {

  private static final int MAX_TOPIC_BYTES = 65_535;

  private record Answer(Pending pending, SendResult result) {}

  private final Identity identity;
  private final ClientGateway gateway;
  private final Wire wire;
  private final Drops drops;
  private final ClientConnection connection;
  private final AckWindow window = new AckWindow();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final Set<String> inputFilters = new HashSet<>();
  private final Map<Integer, CompletableFuture<Delivery>> deliveries = new HashMap<>();
  private boolean ended;

  /**
   * Logs the client in.
   *
   * @throws ConnectionRefusedException when the hub does not let it in now
   */
  public HubClient(Identity identity, ClientGateway gateway, Wire wire, Drops drops)
      throws ConnectionRefusedException {
    this.identity = requireNonNull(identity);
    this.gateway = requireNonNull(gateway);
    this.wire = requireNonNull(wire);
    this.drops = requireNonNull(drops);
    connection = gateway.connect(identity, this);
  }

  /** Whether it came in through this gateway. */
  public boolean uses(ClientGateway other) {
    return gateway == other;
  }

  /** Whether so much telemetry waits for the store that no more should be read. */
  public boolean isFull() {
    return window.isFull();
  }

  /**
   * Telemetry of the client.
   *
   * @param packetId 0 when no acknowledgement is wanted
   */
  public void send(Telemetry telemetry, int packetId) {
    Pending pending = window.add(packetId, telemetry.message().size());
    connection
        .send(telemetry.output(), telemetry.message())
        .whenComplete((result, failure) -> answered(new Answer(pending, result(result, failure))));
  }

  private static SendResult result(SendResult result, Throwable failure) {
    return failure == null
        ? result
        : new SendResult.Rejected(SendResult.Reason.STORE_BROKEN, "hub failed: " + failure);
  }

  /** On the store's writer thread: many answers, one wake-up. */
  private void answered(Answer answer) {
    answers.add(answer);
    if (collecting.compareAndSet(false, true)) {
      wire.execute(this::collect);
    }
  }

  private void collect() {
    collecting.set(false);
    boolean wasFull = window.isFull();
    for (Answer answer = answers.poll(); answer != null && !ended; answer = answers.poll()) {
      take(answer);
    }
    if (!ended) {
      wire.flush();
      if (wasFull && !window.isFull()) {
        wire.resume();
      }
    }
  }

  private void take(Answer answer) {
    if (answer.result() instanceof SendResult.Rejected rejected) {
      refuse(rejected);
    } else {
      window.stored(answer.pending(), wire::acknowledge);
    }
  }

  private void refuse(SendResult.Rejected rejected) {
    if (rejected.reason() == SendResult.Reason.INVALID) {
      drops.dropped(DropReason.REFUSED, identity.id(), rejected.text());
    }
    wire.flush();
    String reason = "telemetry refused, " + rejected.reason() + ": " + rejected.text();
    if (rejected.reason() == SendResult.Reason.STORE_FULL) {
      wire.closeLater(reason);
    } else {
      wire.close(reason);
    }
  }

  /** The client subscribes to the messages of its inputs. */
  public void subscribeInputs(String filter) {
    if (inputFilters.isEmpty()) {
      connection.subscribe(Subscription.INPUTS);
    }
    inputFilters.add(filter);
  }

  /** The client gives a subscription up. */
  public void unsubscribeInputs(String filter) {
    if (inputFilters.remove(filter) && inputFilters.isEmpty()) {
      connection.unsubscribe(Subscription.INPUTS);
    }
  }

  @Override
  public CompletionStage<Delivery> deliver(String input, Message message) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    wire.execute(() -> deliver(input, message, answer));
    return answer;
  }

  private void deliver(String input, Message message, CompletableFuture<Delivery> answer) {
    if (ended || !(identity instanceof ModuleIdentity module)) {
      answer.complete(Delivery.Absent.INSTANCE);
      return;
    }
    String topic = HubTopic.ofInput(module, input, message);
    if (topic.length() > MAX_TOPIC_BYTES) {
      answer.complete(
          new Delivery.Rejected(
              "properties make a topic of "
                  + topic.length()
                  + " bytes, MQTT allows "
                  + MAX_TOPIC_BYTES));
      return;
    }
    deliveries.put(wire.publish(topic, message.body()), answer);
  }

  /** Whether a message of the hub is on its way under this packet id. */
  public boolean isDelivering(int packetId) {
    return deliveries.containsKey(packetId);
  }

  /** The client has acknowledged a message of the hub. */
  public void acknowledged(int packetId) {
    CompletableFuture<Delivery> answer = deliveries.remove(packetId);
    if (answer != null) {
      answer.complete(Delivery.Accepted.INSTANCE);
    }
  }

  /**
   * The connection has ended.
   *
   * @param will what the client wanted to be sent in this case
   */
  public void end(Optional<Telemetry> will) {
    if (ended) {
      return;
    }
    ended = true;
    will.ifPresent(last -> connection.send(last.output(), last.message()));
    connection.close();
    deliveries.values().forEach(answer -> answer.complete(Delivery.Absent.INSTANCE));
    deliveries.clear();
  }

  @Override
  public void close(CloseReason reason) {
    wire.execute(() -> wire.close("hub: " + reason));
  }
}
