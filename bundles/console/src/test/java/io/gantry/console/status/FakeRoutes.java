package io.gantry.console.status;

import io.gantry.api.message.Message;
import io.gantry.spi.routing.EndpointStatus;
import io.gantry.spi.routing.RouteDefinition;
import io.gantry.spi.routing.RouteError;
import io.gantry.spi.routing.RouteExplanation;
import io.gantry.spi.routing.RouteTable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** One route, {@code up}, that explains what it was asked. */
public final class FakeRoutes implements RouteTable {

  @Override
  public List<RouteError> check(Collection<RouteDefinition> routes) {
    return List.of();
  }

  @Override
  public void replace(Collection<RouteDefinition> routes) {
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
  public List<EndpointStatus> endpoints() {
    return List.of(new EndpointStatus("$upstream", "idle", 4, 9, ""));
  }
}
