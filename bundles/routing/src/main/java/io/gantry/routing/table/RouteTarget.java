package io.gantry.routing.table;

import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import java.time.Duration;

/**
 * One copy of a message: where it goes, and how.
 *
 * @param queue of the endpoint, for the priority of the route
 * @param timeToLive in seconds; {@link Long#MAX_VALUE} is for ever
 * @param durable whether it goes through the store
 */
public record RouteTarget(QueueName queue, long timeToLive, boolean durable) {

  static RouteTarget of(EndpointAddress address, RouteDefinition route) {
    return new RouteTarget(
        QueueName.of(address, route.priority()),
        route.timeToLive().map(Duration::toSeconds).orElse(Long.MAX_VALUE),
        route.durable());
  }

  /** The endpoint. */
  public EndpointAddress address() {
    return queue.address();
  }

  /**
   * The copy that two routes to one endpoint make together (IoT Edge, "Priority and time-to-live"):
   * the best priority, and how long that route lets it live; of two equal ones, the longer life. It
   * is durable when one of them wants it to be.
   */
  RouteTarget with(RouteTarget other) {
    int ahead = Integer.compare(other.queue.priority(), queue.priority());
    boolean better = ahead > 0 || ahead == 0 && timeToLive >= other.timeToLive;
    RouteTarget best = better ? this : other;
    return new RouteTarget(best.queue, best.timeToLive, durable || other.durable);
  }
}
