package io.gantry.routing.dispatch;

import io.gantry.api.message.Message;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.table.CompiledRoutes;
import io.gantry.routing.table.QueueName;
import io.gantry.routing.table.RouteTarget;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteSet;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.store.QueueStore;
import io.gantry.spi.store.QueueTarget;
import io.gantry.spi.store.StoreException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Evaluates on the caller's thread and appends once for all endpoints. The table is one immutable
 * value in one volatile field, so a message sees either all old routes or all new ones.
 */
public final class Dispatcher implements Router, RouteTable {

  private static final CompletionStage<?> DONE = CompletableFuture.completedStage(null);

  private final QueueStore store;
  private final Pumps pumps;
  private final InstantSource clock;
  private final Drops drops;
  private final Recent recent = new Recent();
  private volatile CompiledRoutes routes = CompiledRoutes.NONE;

  /** Begins to pump what an earlier run has left. */
  public Dispatcher(QueueStore store, Pumps pumps, InstantSource clock, Drops drops) {
    this.store = store;
    this.pumps = pumps;
    this.clock = clock;
    this.drops = drops;
    pumps.takeOn();
  }

  @Override
  public CompletionStage<?> route(RoutedMessage message) {
    recent.note(message);
    List<RouteTarget> targets = routes.match(message.source(), message.message());
    if (targets.isEmpty()) {
      drops.dropped(
          DropReason.NO_ROUTE,
          message.sender().id(),
          "no route of " + message.source() + " matches");
      return DONE;
    }
    List<QueueTarget> durable = new ArrayList<>(targets.size());
    for (RouteTarget target : targets) {
      if (target.durable()) {
        durable.add(new QueueTarget(target.queue().text(), expiresAt(target)));
      } else if (!pumps.offer(target.queue(), message, expiresAt(target))) {
        return CompletableFuture.failedFuture(full(target.address()));
      }
    }
    if (durable.isEmpty()) {
      return DONE;
    }
    return store.append(MessageCodec.encode(message), durable.toArray(QueueTarget[]::new));
  }

  @Override
  public CompletionStage<Void> send(
      EndpointAddress address, RoutedMessage message, long expiresAt) {
    QueueName queue = QueueName.of(address, RouteDefinition.NO_PRIORITY);
    pumps.require(queue);
    return store
        .append(MessageCodec.encode(message), new QueueTarget(queue.text(), expiresAt))
        .thenApply(offset -> null);
  }

  @Override
  public long waiting(EndpointAddress address) {
    return pumps.waiting(address);
  }

  /** To the second, and never too early. */
  private long expiresAt(RouteTarget target) {
    return target.timeToLive() == Long.MAX_VALUE
        ? QueueTarget.NEVER
        : (clock.millis() + 999) / 1000 + target.timeToLive();
  }

  private static StoreException full(EndpointAddress address) {
    return new StoreException(
        StoreException.Kind.FULL,
        "Routing to "
            + address
            + ": no room for messages that wait in memory; try again when it has caught up");
  }

  @Override
  public boolean isWanted(String source) {
    return routes.isWanted(source);
  }

  @Override
  public void resume(EndpointAddress address) {
    pumps.resume(address);
  }

  @Override
  public List<RouteError> check(RouteSet definitions) {
    return CompiledRoutes.compile(definitions).errors();
  }

  @Override
  public void replace(RouteSet definitions) {
    CompiledRoutes.Result compiled = CompiledRoutes.compile(definitions);
    if (!compiled.errors().isEmpty()) {
      throw new IllegalArgumentException("Replacing the routes: " + compiled.errors());
    }
    for (RouteTarget target : compiled.routes().targets()) {
      pumps.require(target.queue());
      if (!target.durable()) {
        pumps.requireMemory(target.queue());
      }
    }
    routes = compiled.routes();
  }

  @Override
  public List<RouteDefinition> routes() {
    return routes.definitions().routes();
  }

  @Override
  public Optional<RouteExplanation> explain(String route, String source, Message message) {
    return routes.explain(route, source, message);
  }

  @Override
  public Optional<List<RouteHistory>> explainLast(String route, int most) {
    CompiledRoutes now = routes;
    if (now.definitions().routes().stream().noneMatch(each -> each.name().equals(route))) {
      return Optional.empty();
    }
    List<RouteHistory> histories = new ArrayList<>();
    for (RoutedMessage message : recent.last(most)) {
      now.explain(route, message.source(), message.message())
          .ifPresent(
              explanation ->
                  histories.add(
                      new RouteHistory(
                          message.enqueuedTime(),
                          message.sender().id(),
                          message.source(),
                          explanation)));
    }
    return Optional.of(histories);
  }

  @Override
  public CompletionStage<Optional<Long>> purge(String address) {
    return pumps
        .purge(address)
        .map(purged -> purged.thenApply(Optional::of))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
  }

  @Override
  public List<EndpointStatus> endpoints() {
    Set<EndpointAddress> routed = new HashSet<>();
    routes.targets().forEach(target -> routed.add(target.address()));
    return pumps.status(routed);
  }
}
