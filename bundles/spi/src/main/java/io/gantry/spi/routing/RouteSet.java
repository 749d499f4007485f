package io.gantry.spi.routing;

import java.util.Collection;
import java.util.List;

/**
 * All routes of a gateway, which are judged and replaced together.
 *
 * @param routes in the order of the manifest
 * @param assumeJson whether a message that does not say what its body is may be taken for JSON in
 *     UTF-8; IoT Hub does not, and a forgotten content type is the most common reason why a
 *     condition on {@code $body} never holds
 */
public record RouteSet(List<RouteDefinition> routes, boolean assumeJson) {

  /** No routes at all. */
  public static final RouteSet NONE = new RouteSet(List.of(), false);

  public RouteSet {
    routes = List.copyOf(routes);
  }

  /** Routes that take a message for what it says it is. */
  public static RouteSet of(Collection<RouteDefinition> routes) {
    return new RouteSet(List.copyOf(routes), false);
  }
}
