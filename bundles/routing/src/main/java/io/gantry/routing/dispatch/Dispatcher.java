package io.gantry.routing.dispatch;

import io.gantry.api.message.Message;
import io.gantry.routing.pump.Pumps;
import io.gantry.routing.table.CompiledRoutes;
import io.gantry.spi.metrics.DropReason;
import io.gantry.spi.metrics.Drops;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageCodec;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteTable;
import io.gantry.spi.routing.RoutedMessage;
import io.gantry.spi.routing.Router;
import io.gantry.spi.store.QueueStore;
import java.util.ArrayList;
import java.util.Collection;
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

  private final QueueStore store;
  private final Pumps pumps;
  private final Drops drops;
  private volatile CompiledRoutes routes = CompiledRoutes.NONE;

  /**
   * Begins to pump what an earlier run has left, whether a route still names its endpoint or not.
   */
  public Dispatcher(QueueStore store, Pumps pumps, Drops drops) {
    this.store = store;
    this.pumps = pumps;
    this.drops = drops;
    store.queues().forEach(name -> EndpointAddress.parse(name).ifPresent(pumps::require));
  }

  @Override
  public CompletionStage<Routed> route(RoutedMessage message) {
    Set<EndpointAddress> endpoints = routes.match(message.source(), message.message());
    if (endpoints.isEmpty()) {
      drops.dropped(
          DropReason.NO_ROUTE,
          message.sender().id(),
          "no route of " + message.source() + " matches");
      return CompletableFuture.completedFuture(Routed.NO_ROUTE);
    }
    List<String> queues = new ArrayList<>(endpoints.size());
    for (EndpointAddress endpoint : endpoints) {
      queues.add(endpoint.id());
    }
    return store.append(MessageCodec.encode(message), queues).thenApply(offset -> Routed.STORED);
  }

  @Override
  public void resume(EndpointAddress address) {
    pumps.resume(address);
  }

  @Override
  public List<RouteError> check(Collection<RouteDefinition> definitions) {
    return CompiledRoutes.compile(definitions).errors();
  }

  @Override
  public void replace(Collection<RouteDefinition> definitions) {
    CompiledRoutes.Result compiled = CompiledRoutes.compile(definitions);
    if (!compiled.errors().isEmpty()) {
      throw new IllegalArgumentException("Replacing the routes: " + compiled.errors());
    }
    compiled.routes().endpoints().forEach(pumps::require);
    routes = compiled.routes();
  }

  @Override
  public List<RouteDefinition> routes() {
    return routes.definitions();
  }

  @Override
  public Optional<RouteExplanation> explain(String route, String source, Message message) {
    return routes.explain(route, source, message);
  }

  @Override
  public List<EndpointStatus> endpoints() {
    return pumps.status();
  }
}
