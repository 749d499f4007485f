package io.gantry.mqtt.session;

import static java.util.Objects.requireNonNull;

import io.gantry.api.message.Message;
import io.gantry.api.message.Payload;
import io.gantry.api.module.DesiredChange;
import io.gantry.api.module.MethodRequest;
import io.gantry.api.module.MethodResponse;
import io.gantry.api.module.RequestException;
import io.gantry.mqtt.session.AckWindow.Pending;
import io.gantry.mqtt.topic.HubTopic;
import io.gantry.spi.execution.Stages;
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
import io.gantry.spi.twin.TwinJson;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One client that speaks IoT Hub's dialect: its telemetry on the way to the store and the what the
 * hub has for it on the way to it: messages, its twin, calls of its methods. Called on the event
 * loop, except the two methods of {@link ClientSession} and the answers of the store, which are
 * gathered here and taken over by the loop once per batch.
 */
public final class HubClient implements ClientSession {

  private static final int MAX_TOPIC_BYTES = 65_535;

  /** Of 65,535 packet ids. The hub itself sends a few at a time. */
  private static final int MAX_DELIVERIES = 4096;

  private static final int TWIN_RESPONSES = Subscription.values().length;
  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int GONE = 404;
  private static final int BROKEN = 500;

  private record Answer(Pending pending, SendResult result) {}

  private final Identity identity;
  private final ClientGateway gateway;
  private final Wire wire;
  private final Drops drops;
  private final ClientConnection connection;
  private final AckWindow window = new AckWindow();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final Map<String, Integer> filters = new HashMap<>();
  private final int[] granted = new int[TWIN_RESPONSES + 1];
  private final MethodCalls calls = new MethodCalls();
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
    Arrays.fill(granted, -1);
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

  /**
   * The client subscribes to something of the hub's.
   *
   * @param qos at most 1
   */
  public void subscribe(String filter, int qos) {
    Subscription subscription = subscription(filter);
    boolean first = granted(subscription) < 0;
    filters.put(filter, qos);
    grant(filter);
    if (first && subscription != null && mayHave(subscription)) {
      connection.subscribe(subscription);
    }
  }

  /** A module may ask for cloud-to-device messages, but there are none for modules. */
  private boolean mayHave(Subscription subscription) {
    boolean module = identity instanceof ModuleIdentity;
    return switch (subscription) {
      case INPUTS -> module;
      case CLOUD_MESSAGES -> !module;
      default -> true;
    };
  }

  /** The client gives a subscription up. */
  public void unsubscribe(String filter) {
    if (filters.remove(filter) == null) {
      return;
    }
    grant(filter);
    Subscription subscription = subscription(filter);
    if (subscription != null && granted(subscription) < 0 && mayHave(subscription)) {
      connection.unsubscribe(subscription);
    }
  }

  /** Of several filters for the same the best QoS counts. */
  private void grant(String changed) {
    Subscription subscription = subscription(changed);
    int best = -1;
    for (Map.Entry<String, Integer> each : filters.entrySet()) {
      if (subscription(each.getKey()) == subscription) {
        best = Math.max(best, each.getValue());
      }
    }
    granted[index(subscription)] = best;
  }

  /** The QoS of what belongs to a subscription; -1 for none. */
  private int granted(@Nullable Subscription subscription) {
    return granted[index(subscription)];
  }

  private static int index(@Nullable Subscription subscription) {
    return subscription == null ? TWIN_RESPONSES : subscription.ordinal();
  }

  /** What the hub is asked for; null for answers to requests, which it gives unasked. */
  private static @Nullable Subscription subscription(String filter) {
    HubTopic meaning = HubTopic.ofFilter(filter);
    if (meaning instanceof HubTopic.Inputs) {
      return Subscription.INPUTS;
    } else if (meaning instanceof HubTopic.CloudMessages) {
      return Subscription.CLOUD_MESSAGES;
    } else if (meaning instanceof HubTopic.MethodCalls) {
      return Subscription.METHODS;
    } else if (meaning instanceof HubTopic.DesiredChanges) {
      return Subscription.DESIRED_PROPERTIES;
    }
    return null;
  }

  // --- twin

  /** The client asks for its twin. */
  public void requestTwin(String requestId, int packetId) {
    Pending pending = window.add(packetId, 0);
    connection
        .twin()
        .whenComplete(
            (twin, failure) ->
                wire.execute(
                    () -> {
                      if (failure == null) {
                        respond(pending, OK, requestId, Optional.empty(), TwinJson.of(twin));
                      } else {
                        fail(pending, requestId, failure);
                      }
                    }));
  }

  /** The client reports properties. */
  public void report(String requestId, Payload patch, int packetId) {
    Pending pending = window.add(packetId, patch.size());
    connection
        .report(patch.asText())
        .whenComplete(
            (version, failure) ->
                wire.execute(
                    () -> {
                      if (failure == null) {
                        respond(pending, NO_CONTENT, requestId, Optional.of(version), "");
                      } else {
                        fail(pending, requestId, failure);
                      }
                    }));
  }

  /** Azure's Node SDK takes an answer for a failure by its body, not by its status. */
  private void fail(Pending pending, String requestId, Throwable failure) {
    Throwable cause = Stages.cause(failure);
    int status = cause instanceof RequestException request ? request.status() : BROKEN;
    String text = JsonText.quoted(String.valueOf(cause.getMessage()));
    String body = "{\"errorCode\":" + status + ",\"message\":" + text + "}";
    respond(pending, status, requestId, Optional.empty(), body);
  }

  private void respond(
      Pending pending, int status, String requestId, Optional<Long> version, String body) {
    if (ended) {
      return;
    }
    boolean wasFull = window.isFull();
    window.stored(pending, wire::acknowledge);
    int qos = granted(null);
    if (qos < 0) {
      drops.dropped(
          DropReason.REFUSED, identity.id(), "answer about its twin, which it does not listen to");
    } else {
      String topic = HubTopic.ofTwinResponse(status, requestId, version);
      wire.publish(topic, qos, Payload.ofText(body));
    }
    wire.flush();
    if (wasFull && !window.isFull()) {
      wire.resume();
    }
  }

  @Override
  public CompletionStage<Delivery> desiredChanged(DesiredChange change) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    wire.execute(
        () -> {
          String topic = HubTopic.ofDesiredChange(change.version());
          Payload body = Payload.ofText(TwinJson.of(change));
          deliver(Subscription.DESIRED_PROPERTIES, topic, body, answer);
        });
    return answer;
  }

  // --- direct methods

  @Override
  public CompletionStage<MethodResponse> invoke(MethodRequest request) {
    CompletableFuture<MethodResponse> answer = new CompletableFuture<>();
    wire.execute(() -> invoke(request, answer));
    return answer;
  }

  private void invoke(MethodRequest request, CompletableFuture<MethodResponse> answer) {
    int qos = granted(Subscription.METHODS);
    if (ended || qos < 0 || isSilent()) {
      answer.completeExceptionally(new RequestException(GONE, "it answers no methods now"));
      return;
    }
    String topic = HubTopic.ofMethodCall(request.name(), calls.add(answer));
    // Nobody waits for this acknowledgement: the answer is one.
    int packetId = wire.publish(topic, qos, Payload.ofText(request.payload()));
    if (packetId != 0) {
      deliveries.put(packetId, new CompletableFuture<>());
    }
    wire.flush();
  }

  /** The client answers a call. */
  public void answerMethod(HubTopic.MethodAnswer answer, Payload payload, int packetId) {
    calls.answered(answer.requestId(), answer.status(), payload.asText());
    window.stored(window.add(packetId, 0), wire::acknowledge);
    wire.flush();
  }

  // --- messages to the client

  @Override
  public CompletionStage<Delivery> deliver(String input, Message message) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    wire.execute(
        () -> {
          if (identity instanceof ModuleIdentity module) {
            String topic = HubTopic.ofInput(module, input, message);
            deliver(Subscription.INPUTS, topic, message.body(), answer);
          } else {
            answer.complete(Delivery.Absent.INSTANCE);
          }
        });
    return answer;
  }

  @Override
  public CompletionStage<Delivery> deliverFromCloud(Message message) {
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    wire.execute(
        () -> {
          String topic = HubTopic.ofCloudMessage(identity.deviceId(), message);
          deliver(Subscription.CLOUD_MESSAGES, topic, message.body(), answer);
        });
    return answer;
  }

  private void deliver(
      Subscription subscription, String topic, Payload body, CompletableFuture<Delivery> answer) {
    int qos = granted(subscription);
    if (ended || qos < 0 || isSilent()) {
      answer.complete(Delivery.Absent.INSTANCE);
      return;
    }
    if (topic.length() > MAX_TOPIC_BYTES) {
      answer.complete(
          new Delivery.Rejected(
              "properties make a topic of "
                  + topic.length()
                  + " bytes, MQTT allows "
                  + MAX_TOPIC_BYTES));
      return;
    }
    int packetId = wire.publish(topic, qos, body);
    if (packetId == 0) {
      answer.complete(Delivery.Accepted.INSTANCE);
    } else {
      deliveries.put(packetId, answer);
    }
  }

  /** Ends the connection of a client that takes message after message and acknowledges none. */
  private boolean isSilent() {
    boolean silent = deliveries.size() >= MAX_DELIVERIES;
    if (silent) {
      wire.close("it has not acknowledged " + MAX_DELIVERIES + " messages");
    }
    return silent;
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
    calls.end();
  }

  @Override
  public void close(CloseReason reason) {
    wire.execute(() -> wire.close("hub: " + reason));
  }
}
