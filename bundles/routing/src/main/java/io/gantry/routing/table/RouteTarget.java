package io.gantry.routing.table;

import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import java.time.Duration;

/**
 * One copy of a message: where it goes, and how.
 *
 * @param address the endpoint
 * @param priority see {@link RouteDefinition#priority()}
 * @param timeToLive in seconds; {@link Long#MAX_VALUE} is for ever
 * @param durable whether it goes through the store
 */
public record RouteTarget(EndpointAddress address, int priority, long timeToLive, boolean durable) {

  static RouteTarget of(EndpointAddress address, RouteDefinition route) {
    return new RouteTarget(
        address,
        route.priority(),
        route.timeToLive().map(Duration::toSeconds).orElse(Long.MAX_VALUE),
        route.durable());
  }

  /**
   * The copy that two routes to one endpoint make together (IoT Edge, "Priority and time-to-live"):
   * the best priority, and how long that route lets it live; of two equal ones, the longer life. It
   * is durable when one of them wants it to be.
   */
  RouteTarget with(RouteTarget other) {
    boolean better =
        priority < other.priority || priority == other.priority && timeToLive >= other.timeToLive;
    RouteTarget best = better ? this : other;
    return new RouteTarget(address, best.priority, best.timeToLive, durable || other.durable);
  }
}
