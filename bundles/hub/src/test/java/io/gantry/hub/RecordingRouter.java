package io.gantry.hub;

import io.gantry.api.message.Message;
import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.MessageSource;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A router that stores everything in one queue and refuses routes that do not begin with FROM. */
final class RecordingRouter implements Router, RouteTable {

  final List<RoutedMessage> routed = new ArrayList<>();
  final List<RoutedMessage> sent = new ArrayList<>();
  final List<RouteSet> replaced = new ArrayList<>();
  final List<EndpointAddress> resumed = new ArrayList<>();
  final List<String> purged = new ArrayList<>();
  final List<Long> expiries = new ArrayList<>();
  boolean wantsTwinChanges = true;
  @Nullable StoreException refusal;
  private final QueueStore store;

  RecordingRouter(QueueStore store) {
    this.store = store;
  }

  @Override
  public CompletionStage<?> route(RoutedMessage message) {
    routed.add(message);
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    return store.append(new byte[1], List.of("q"));
  }

  @Override
  public CompletionStage<Void> send(
      EndpointAddress address, RoutedMessage message, long expiresAt) {
    sent.add(message);
    expiries.add(expiresAt);
    return store
        .append(new byte[1], new QueueTarget(address.id(), expiresAt))
        .thenApply(offset -> null);
  }

  @Override
  public long waiting(EndpointAddress address) {
    return store.queue(address.id()).pending();
  }

  @Override
  public void resume(EndpointAddress address) {
    resumed.add(address);
  }

  @Override
  public List<RouteError> check(RouteSet routes) {
    return routes.routes().stream()
        .filter(route -> !route.text().startsWith("FROM"))
        .map(route -> new RouteError(route.name(), 1, "expected FROM"))
        .toList();
  }

  @Override
  public void replace(RouteSet routes) {
    replaced.add(routes);
  }

  @Override
  public List<RouteDefinition> routes() {
    return List.of();
  }

  @Override
  public Optional<RouteExplanation> explain(String route, String source, Message message) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isWanted(String source) {
    return source.startsWith("/topics/wanted")
        || source.equals(MessageSource.TWIN_CHANGE) && wantsTwinChanges;
  }

  @Override
  public Optional<List<RouteHistory>> explainLast(String route, int most) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Optional<Long>> purge(String address) {
    purged.add(address);
    return CompletableFuture.completedFuture(Optional.of(0L));
  }

  @Override
  public List<EndpointStatus> endpoints() {
    return List.of(
        new EndpointStatus("modules/filter/inputs/in1", "absent", 0, 0, 0, ""),
        new EndpointStatus("modules/other/inputs/in1", "absent", 0, 0, 0, ""));
  }
}
