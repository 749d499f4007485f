package io.gantry.routing.pump;

import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import java.util.Optional;

/**
 * The name of a queue on disk: the id of the endpoint and, behind a {@code #}, the priority, unless
 * it is the lowest. The store lets queues that differ only there share what a receiver may occupy.
 *
 * @param address the endpoint
 * @param priority see {@link RouteDefinition#priority()}
 */
public record QueueName(EndpointAddress address, int priority) {

  /** The queue of a name; empty when it is none of ours. */
  static Optional<QueueName> parse(String name) {
    int length = name.length();
    boolean given =
        length > 2 && name.charAt(length - 2) == '#' && Character.isDigit(name.charAt(length - 1));
    int priority = given ? name.charAt(length - 1) - '0' : RouteDefinition.NO_PRIORITY;
    String id = given ? name.substring(0, length - 2) : name;
    return EndpointAddress.parse(id).map(address -> new QueueName(address, priority));
  }

  /** The name. */
  public String text() {
    return priority == RouteDefinition.NO_PRIORITY ? address.id() : address.id() + "#" + priority;
  }
}
