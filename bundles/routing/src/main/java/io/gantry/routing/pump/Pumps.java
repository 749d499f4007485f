package io.gantry.routing.pump;

import io.gantry.spi.execution.Threads;
import io.gantry.spi.routing.Endpoint;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.store.QueueStore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A pump for each endpoint that a route names or that messages wait for. Any thread. */
public final class Pumps implements AutoCloseable {

  /** Unanswered messages of a module: enough to hide a round trip, few enough to be redelivered. */
  private static final int MODULE_WINDOW = 16;

  /** Unanswered messages upstream: a batch shares one sync or one round trip. */
  private static final int UPSTREAM_WINDOW = 256;

  private final QueueStore store;
  private final Threads threads;
  private final Surroundings around;
  private final Endpoints endpoints = new Endpoints();
  private final Map<EndpointAddress, Pump> pumps = new ConcurrentHashMap<>();

  public Pumps(QueueStore store, Threads threads, Surroundings around) {
    this.store = store;
    this.threads = threads;
    this.around = around;
  }

  /** Makes sure that the address has a pump. */
  public void require(EndpointAddress address) {
    if (!pumps.containsKey(address)) {
      pumps.computeIfAbsent(address, this::make).start();
    }
  }

  private Pump make(EndpointAddress address) {
    int window = address instanceof EndpointAddress.Upstream ? UPSTREAM_WINDOW : MODULE_WINDOW;
    return new Pump(
        address,
        store.queue(address.id()),
        endpoints,
        window,
        threads.serial("pump " + address.id()),
        around);
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

  /** What operators see, ordered by address. */
  public List<EndpointStatus> status() {
    return pumps.values().stream()
        .map(Pump::status)
        .sorted(Comparator.comparing(EndpointStatus::address))
        .toList();
  }

  @Override
  public void close() {
    pumps.values().forEach(Pump::close);
  }
}
