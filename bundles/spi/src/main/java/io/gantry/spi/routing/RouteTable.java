package io.gantry.spi.routing;

import io.gantry.api.message.Message;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** The routes in force. Safe for use by any number of threads. */
@ProviderType
public interface RouteTable {

  /** Compiles the routes without using them; empty when all are good. */
  List<RouteError> check(RouteSet routes);

  /**
   * Replaces all routes at once. A message routed before sees only the old ones, one routed after
   * only the new ones. The queue of an endpoint that no route names any more is kept and drained.
   *
   * @throws IllegalArgumentException when {@link #check} would find errors; the old routes stay
   */
  void replace(RouteSet routes);

  /** The routes in force, in the order given. */
  List<RouteDefinition> routes();

  /**
   * Explains what a route in force makes of a message, without routing it.
   *
   * @param route its name
   * @param source a text made by {@link MessageSource}
   * @return empty when there is no such route
   */
  Optional<RouteExplanation> explain(String route, String source, Message message);

  /**
   * Explains what a route in force makes of the last messages that passed, whether it fired for
   * them or not. Messages of more than 16 KiB are not remembered.
   *
   * @param route its name
   * @param most how many messages, at least 1; no more than 64 are remembered
   * @return the newest first; empty when there is no such route
   */
  Optional<List<RouteHistory>> explainLast(String route, int most);

  /**
   * Forgets all messages that wait for an endpoint.
   *
   * @param address its id
   * @return completes with how many these were; empty when no route names the endpoint and nothing
   *     waits for it
   */
  CompletionStage<Optional<Long>> purge(String address);

  /** The endpoints that routes name or that messages wait for, and what each does. */
  List<EndpointStatus> endpoints();
}
