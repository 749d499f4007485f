package io.gantry.mqtt.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gantry.spi.session.SendResult;
import io.gantry.spi.store.Table;
import io.moquette.broker.IQueueRepository;
import io.moquette.broker.ISessionsRepository;
import io.moquette.broker.ISubscriptionsRepository;
import io.moquette.broker.SessionMessageQueue;
import io.moquette.broker.SessionRegistry.EnqueuedMessage;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of all clients, for Moquette behind its three interfaces. Of persistent sessions the
 * subscriptions survive a restart, and what waits in their {@link Outbox}es. Used on the event loop
 * only, except for the constructor.
 */
final class Sessions implements IQueueRepository, ISubscriptionsRepository, ISessionsRepository {

  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

  /** As earlier versions wrote it. */
  private static final String HUB = "hub";

  private static final String HUB_AT_MOST_ONCE = "hub0";
  private static final String HUB_AT_LEAST_ONCE = "hub1";

  private final Map<String, SessionState> states = new HashMap<>();
  private final Limits.Backlog limits;
  private final Backlog.Publishing publishing;
  private final SessionQueues queues;
  private final Clock clock;
  private final int expirySeconds;
  private final WriteBehind rows;
  private BiConsumer<String, Collection<String>> unsubscribe = (clientId, filters) -> {};

  Sessions(
      Table table,
      Executor loop,
      Limits.Backlog limits,
      Backlog.Publishing publishing,
      SessionQueues queues,
      Clock clock,
      int expirySeconds) {
    this.limits = limits;
    this.publishing = publishing;
    this.queues = queues;
    this.clock = clock;
    this.expirySeconds = expirySeconds;
    rows = new WriteBehind("mqtt-sessions", table, loop);
    for (String clientId : table.keys()) {
      table.get(clientId).ifPresent(row -> read(clientId, new String(row, UTF_8)));
    }
    queues.keepOnly(states.keySet());
  }

  private void read(String clientId, String row) {
    SessionState state = state(clientId);
    state.persistent = true;
    state.outbox = queues.outbox(clientId, true, state::granted);
    row.lines().filter(line -> !line.isEmpty()).forEach(line -> readLine(state, line));
  }

  private static void readLine(SessionState state, String line) {
    int blank = line.indexOf(' ');
    String kind = blank < 0 ? "" : line.substring(0, blank);
    String filter = line.substring(blank + 1);
    switch (kind) {
      case HUB, HUB_AT_LEAST_ONCE -> state.hubFilters.put(filter, 1);
      case HUB_AT_MOST_ONCE -> state.hubFilters.put(filter, 0);
      case "0", "1", "2" -> state.filters.put(filter, MqttQoS.valueOf(Integer.parseInt(kind)));
      default ->
          LOG.warn("session '{}': a stored line of kind '{}' is unknown", state.clientId(), kind);
    }
  }

  /** The state of a client; made when there is none. */
  SessionState state(String clientId) {
    return states.computeIfAbsent(
        clientId, id -> new SessionState(id, new Backlog(limits, publishing)));
  }

  /** A client begins or goes on with a session, which is kept or not when its connection ends. */
  void begin(SessionState state, boolean persistent) {
    state.persistent = persistent;
    if (persistent && state.outbox == null) {
      state.outbox = queues.outbox(state.clientId(), false, state::granted);
    }
  }

  /** Whether what is published with QoS 1 or 2 must be stored for this client. */
  boolean isDurable(String clientId) {
    SessionState state = states.get(clientId);
    return state != null && state.outbox != null;
  }

  /**
   * Stores a message for persistent sessions.
   *
   * @param publisher who is held when one of them has too much
   * @param answered is told on the event loop what became of it
   */
  void store(
      StoredMessage message,
      List<String> clientIds,
      Holder.@Nullable Publisher publisher,
      Consumer<SendResult> answered) {
    List<Outbox> outboxes = new ArrayList<>(clientIds.size());
    for (String clientId : clientIds) {
      SessionState state = states.get(clientId);
      if (state != null && state.outbox != null) {
        outboxes.add(state.outbox);
      }
    }
    queues.append(message, outboxes, publisher, answered);
  }

  /** Tells on the event loop when what was last saved of a session is durable, or why it is not. */
  void whenSaved(SessionState state, Consumer<SendResult> saved) {
    rows.whenWritten(state.clientId(), saved);
  }

  /** Writes what must survive a restart. */
  void save(SessionState state) {
    if (!state.persistent) {
      rows.set(state.clientId(), Optional.empty());
      return;
    }
    StringBuilder row = new StringBuilder("\n");
    state.filters.forEach(
        (filter, qos) -> row.append(qos.value()).append(' ').append(filter).append('\n'));
    state.hubFilters.forEach(
        (filter, qos) ->
            row.append(qos == 0 ? HUB_AT_MOST_ONCE : HUB_AT_LEAST_ONCE)
                .append(' ')
                .append(filter)
                .append('\n'));
    rows.set(state.clientId(), Optional.of(row.toString().getBytes(UTF_8)));
  }

  /** Forgets a client. */
  void remove(String clientId) {
    SessionState state = states.remove(clientId);
    if (state != null) {
      state.backlog().closeAndPurge();
      if (state.outbox != null) {
        state.outbox.remove();
      }
    }
    rows.set(clientId, Optional.empty());
  }

  @Override
  public Set<String> listQueueNames() {
    return new HashSet<>(states.keySet());
  }

  @Override
  public boolean containsQueue(String clientId) {
    return states.containsKey(clientId);
  }

  @Override
  public SessionMessageQueue<EnqueuedMessage> getOrCreateQueue(String clientId) {
    return state(clientId).backlog();
  }

  @Override
  public void close() {
    states.values().forEach(state -> state.backlog().closeAndPurge());
  }

  @Override
  public Set<Subscription> listAllSubscriptions() {
    Set<Subscription> all = new HashSet<>();
    states.forEach(
        (clientId, state) ->
            state.filters.forEach(
                (filter, qos) -> all.add(new Subscription(clientId, new Topic(filter), qos))));
    return all;
  }

  @Override
  public void addNewSubscription(Subscription subscription) {
    SessionState state = state(subscription.getClientId());
    state.filters.put(subscription.getTopicFilter().toString(), subscription.getRequestedQos());
    save(state);
  }

  @Override
  public void removeSubscription(String filter, String clientId) {
    SessionState state = states.get(clientId);
    if (state != null && state.filters.remove(filter) != null) {
      save(state);
    }
  }

  @Override
  public Collection<SessionData> list() {
    return List.copyOf(states.values().stream().map(this::data).toList());
  }

  private SessionData data(SessionState state) {
    return new SessionData(
        state.clientId(),
        clock.instant().plusSeconds(expirySeconds),
        MqttVersion.MQTT_3_1_1,
        expirySeconds,
        clock);
  }

  @Override
  public void saveSession(SessionData session) {
    save(state(session.clientId()));
  }

  /** Who removes subscriptions from the tree when a session has expired. */
  void onExpired(BiConsumer<String, Collection<String>> listener) {
    unsubscribe = listener;
  }

  /** Moquette has given the session up: nobody came back to it in time. */
  @Override
  public void delete(SessionData session) {
    SessionState state = states.get(session.clientId());
    if (state != null) {
      unsubscribe.accept(state.clientId(), List.copyOf(state.filters.keySet()));
    }
    remove(session.clientId());
  }
}
