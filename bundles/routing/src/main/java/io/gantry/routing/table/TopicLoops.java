package io.gantry.routing.table;

import io.gantry.routing.lang.Route;
import io.gantry.routing.lang.Source;
import io.gantry.spi.routing.EndpointAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Routes that would hand a message round in a circle for ever: from a topic, without a condition,
 * into a topic that leads back. A circle that depends on the message (a condition, a property in
 * the topic) cannot be told here; it is cut by counting hops.
 */
final class TopicLoops {

  /** A route, and where in the list it stands. */
  private record Step(int index, Source.Topics from, String to) {}

  private final List<Step> steps = new ArrayList<>();

  TopicLoops(List<Route> routes) {
    for (int i = 0; i < routes.size(); i++) {
      Route route = routes.get(i);
      boolean certain =
          route.condition().isEmpty()
              && route.source() instanceof Source.Topics
              && route.sink() instanceof EndpointAddress.Topic topic
              && topic.isFixed();
      if (certain) {
        String to = ((EndpointAddress.Topic) route.sink()).template();
        steps.add(new Step(i, (Source.Topics) route.source(), to));
      }
    }
  }

  /** The topic that comes back to a route, by its place in the list; empty when none does. */
  Optional<String> loop(int index) {
    Deque<Step> next = new ArrayDeque<>();
    Set<Integer> seen = new HashSet<>();
    steps.stream().filter(step -> step.index == index).forEach(next::add);
    while (!next.isEmpty()) {
      Step step = next.remove();
      for (Step behind : steps) {
        if (behind.from.filter().matches(step.to)) {
          if (behind.index == index) {
            return Optional.of(step.to);
          }
          if (seen.add(behind.index)) {
            next.add(behind);
          }
        }
      }
    }
    return Optional.empty();
  }
}
