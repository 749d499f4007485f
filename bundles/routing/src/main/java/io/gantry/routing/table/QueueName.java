package io.gantry.routing.table;

import io.gantry.spi.routing.EndpointAddress;
import io.gantry.spi.routing.RouteDefinition;
import java.util.Optional;

/**
 * The name of a queue on disk: the id of the endpoint and, behind a {@code #}, the priority, unless
 * it is the lowest. The store lets queues that differ only there share what a receiver may occupy.
 * It is made once, for a route; a message finds it ready.
 *
 * @param address the endpoint
 * @param priority see {@link RouteDefinition#priority()}
 * @param text the name, which says the other two
 */
public record QueueName(EndpointAddress address, int priority, String text) {

  /** The queue for messages of a priority to an endpoint. */
  public static QueueName of(EndpointAddress address, int priority) {
    String id = address.id();
    return new QueueName(
        address, priority, priority == RouteDefinition.NO_PRIORITY ? id : id + "#" + priority);
  }

  /** The queue of a name; empty when it is none of ours. */
  public static Optional<QueueName> parse(String name) {
    int length = name.length();
    boolean given =
        length > 2 && name.charAt(length - 2) == '#' && Character.isDigit(name.charAt(length - 1));
    int priority = given ? name.charAt(length - 1) - '0' : RouteDefinition.NO_PRIORITY;
    String id = given ? name.substring(0, length - 2) : name;
    return EndpointAddress.parse(id).map(address -> new QueueName(address, priority, name));
  }
}
