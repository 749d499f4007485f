package io.gantry.console.status;

import io.gantry.api.message.Message;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteHistory;
import io.gantry.spi.routing.RouteSet;
import io.gantry.spi.routing.RouteTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One route, {@code up}, that explains what it was asked. */
public final class FakeRoutes implements RouteTable {

  @Override
  public List<RouteError> check(RouteSet routes) {
    return List.of();
  }

  @Override
  public void replace(RouteSet routes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<RouteDefinition> routes() {
    return List.of(new RouteDefinition("up", "FROM /* INTO $upstream"));
  }

  @Override
  public Optional<RouteExplanation> explain(String route, String source, Message message) {
    return route.equals("up")
        ? Optional.of(
            new RouteExplanation(
                false,
                List.of(
                    source,
                    message.properties().toString(),
                    message.systemProperties().toString(),
                    message.body().asText())))
        : Optional.empty();
  }

  @Override
  public Optional<List<RouteHistory>> explainLast(String route, int most) {
    return route.equals("up")
        ? Optional.of(
            List.of(
                new RouteHistory(
                    Instant.parse("2026-01-01T00:00:00Z"),
                    "d1",
                    "/messages",
                    new RouteExplanation(true, List.of("of the last " + most)))))
        : Optional.empty();
  }

  @Override
  public CompletionStage<Optional<Long>> purge(String address) {
    return CompletableFuture.completedFuture(
        address.equals("$upstream") ? Optional.of(4L) : Optional.empty());
  }

  @Override
  public List<EndpointStatus> endpoints() {
    return List.of(new EndpointStatus("$upstream", "idle", 4, 2_048, 9, ""));
  }
}
