package io.gantry.routing.pump;

import io.gantry.routing.table.QueueName;
import io.gantry.spi.execution.Cancellable;
import io.gantry.spi.execution.Threads;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.store.QueueStore;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A pump for each endpoint that a route names or that messages wait for. Any thread. */
public final class Pumps implements AutoCloseable {

  private static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(1);

  private final QueueStore store;
  private final Threads threads;
  private final Surroundings around;
  private final Endpoints endpoints = new Endpoints();
  private final Map<EndpointAddress, Pump> pumps = new ConcurrentHashMap<>();
  private volatile @Nullable Cancellable expiry;

  public Pumps(QueueStore store, Threads threads, Surroundings around) {
    this.store = store;
    this.threads = threads;
    this.around = around;
  }

  /** Makes sure that messages of a queue are delivered. */
  public void require(QueueName name) {
    pump(name.address()).requireDurable(name.priority(), () -> store.queue(name.text()));
  }

  /** Makes sure that messages may wait in memory and are delivered. */
  public void requireMemory(QueueName name) {
    pump(name.address()).requireMemory(name.priority());
  }

  private Pump pump(EndpointAddress address) {
    Pump known = pumps.get(address);
    return known != null ? known : pumps.computeIfAbsent(address, this::make);
  }

  private Pump make(EndpointAddress address) {
    Pump pump = new Pump(address, endpoints, threads.serial("pump " + address.id()), around);
    // What is replayed goes there, whatever routes say.
    QueueName lowest = QueueName.of(address, RouteDefinition.NO_PRIORITY);
    pump.requireDurable(lowest.priority(), () -> store.queue(lowest.text()));
    return pump;
  }

  /** Takes on what an earlier run has left, whether a route still names it or not. */
  public void takeOn() {
    store.queues().forEach(name -> QueueName.parse(name).ifPresent(this::require));
    pumps.values().forEach(Pump::expire);
    expireLater();
  }

  private void expireLater() {
    expiry =
        around
            .scheduler()
            .schedule(
                EXPIRY_INTERVAL,
                () -> {
                  pumps.values().forEach(Pump::expire);
                  expireLater();
                });
  }

  /** Adds a message that waits in memory; false when there is no room. */
  public boolean offer(QueueName name, RoutedMessage message, long expiresAt) {
    return pump(name.address()).offer(message, name.priority(), expiresAt);
  }

  /** How many messages wait for an endpoint. */
  public long waiting(EndpointAddress address) {
    Pump pump = pumps.get(address);
    return pump == null ? 0 : pump.pending();
  }

  /** Forgets all that waits for an endpoint; empty when there is none of this id. */
  public Optional<CompletionStage<Long>> purge(String address) {
    return EndpointAddress.parse(address).map(pumps::get).map(Pump::purge);
  }

  /** An endpoint came. */
  public void add(Endpoint endpoint) {
    endpoints.add(endpoint);
    pumps.values().forEach(Pump::resume);
  }

  /** An endpoint went; what it did not answer goes to whoever comes next. */
  public void remove(Endpoint endpoint) {
    endpoints.remove(endpoint);
    pumps.values().forEach(Pump::resume);
  }

  /** The address is served again. */
  public void resume(EndpointAddress address) {
    Pump pump = pumps.get(address);
    if (pump != null) {
      pump.resume();
    }
  }

  /**
   * What operators see, ordered by address.
   *
   * @param routed those that are shown although nothing waits for them
   */
  public List<EndpointStatus> status(Set<EndpointAddress> routed) {
    return pumps.entrySet().stream()
        .filter(entry -> routed.contains(entry.getKey()) || entry.getValue().pending() > 0)
        .map(entry -> entry.getValue().status())
        .sorted(Comparator.comparing(EndpointStatus::address))
        .toList();
  }

  @Override
  public void close() {
    if (expiry != null) {
      expiry.cancel();
    }
    pumps.values().forEach(Pump::close);
  }
}
